"""States and kinds of panels, sessions, sheets and rankings."""

from enum import StrEnum


class JudgeRole(StrEnum):
    TECHNICAL = "technical"
    INVESTMENT = "investment"
    FINANCE = "finance"
    MANAGEMENT = "management"

    @property
    def label(self) -> str:
        return {"technical": "技术", "investment": "创投", "finance": "财务", "management": "管理"}[
            self.value
        ]


class ConflictSource(StrEnum):
    DECLARED = "declared"
    DETECTED = "detected"
    CLAIMED = "claimed"
    PINNED = "pinned"

    @property
    def label(self) -> str:
        return {
            "declared": "评委申报",
            "detected": "系统比对",
            "claimed": "企业提出",
            "pinned": "组委会指定",
        }[self.value]


class RecusalReason(StrEnum):
    """Usual grounds for stepping aside (DOMAIN 2.7)."""

    SHARES = "shares"
    EMPLOYMENT = "employment"
    KIN = "kin"
    ADVISER = "adviser"
    SAME_UNIT = "same_unit"
    COMPETITOR = "competitor"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "shares": "持有股份或投资关系",
            "employment": "现任或近三年曾任职",
            "kin": "与负责人有亲属关系",
            "adviser": "担任顾问或辅导老师",
            "same_unit": "同一单位",
            "competitor": "存在竞争关系",
            "other": "其他可能影响公正的情形",
        }[self.value]


class SeatPanel(StrEnum):
    """Which of a round's panels a seat belongs to; the second exists where the round has one (大众评审)."""

    MAIN = "main"
    SECOND = "second"


class SessionState(StrEnum):
    PLANNED = "planned"
    DRAWN = "drawn"
    RUNNING = "running"
    LOCKED = "locked"
    SIGNED = "signed"


class RunState(StrEnum):
    """An entry's place in the running order of a session."""

    WAITING = "waiting"
    ON_STAGE = "on_stage"
    DONE = "done"
    ABSENT = "absent"


class SheetState(StrEnum):
    """Submitting closes a sheet; the lock over all of them is the session's own state."""

    OPEN = "open"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RECUSED = "recused"


class CorrectionState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class SignerKind(StrEnum):
    JUDGE = "judge"
    CHAIR = "chair"
    RECORDER = "recorder"
    SUPERVISION = "supervision"

    @property
    def label(self) -> str:
        return {"judge": "评委", "chair": "评委组长", "recorder": "记分员", "supervision": "监督员"}[
            self.value
        ]


class RankingState(StrEnum):
    FROZEN = "frozen"
    SUPERSEDED = "superseded"
