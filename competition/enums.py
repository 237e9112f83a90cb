"""States and kinds of editions, entries, rounds and events."""

from enum import StrEnum


class Group(StrEnum):
    """Computed from the licence date, never chosen."""

    STARTUP = "startup"
    GROWTH = "growth"

    @property
    def label(self) -> str:
        return {"startup": "初创组", "growth": "成长组"}[self.value]


class EditionState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    RUNNING = "running"
    CLOSED = "closed"


class RuleChangeState(StrEnum):
    """A change of published rules: written, before a second person, in force, or given up."""

    DRAFTING = "drafting"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class EntryState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REGIONAL_PASSED = "regional_passed"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    DISQUALIFIED = "disqualified"


# An entry counts among the admitted of its edition even when it is disqualified later.
EVER_ACCEPTED = (EntryState.ACCEPTED, EntryState.DISQUALIFIED)


class ReviewLevel(StrEnum):
    REGIONAL = "regional"
    OFFICE = "office"


class ReviewDecisionKind(StrEnum):
    PASS = "pass"
    RETURN = "return"
    REJECT = "reject"
    CONFIRM = "confirm"
    TAKE_BACK = "take_back"


class BatchAct(StrEnum):
    """What is done with many entries at once; `PASS` confirms those that have passed their regional office."""

    PASS = "pass"
    RETURN = "return"
    REJECT = "reject"

    @property
    def label(self) -> str:
        return {"pass": "通过", "return": "退回", "reject": "不通过"}[self.value]


class BatchState(StrEnum):
    PREPARED = "prepared"
    RUNNING = "running"
    DONE = "done"
    TAKING_BACK = "taking_back"
    TAKEN_BACK = "taken_back"
    DROPPED = "dropped"


class LineageKind(StrEnum):
    """Where an enterprise comes from: a team that entered before it had a licence, or another enterprise."""

    TEAM = "team"
    PREDECESSOR = "predecessor"

    @property
    def label(self) -> str:
        return {"team": "参赛团队", "predecessor": "前身企业"}[self.value]


class LineageState(StrEnum):
    STATED = "stated"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Outcome(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    MANUAL = "manual"


class AttachmentKind(StrEnum):
    LICENCE = "licence"
    PLAN = "plan"
    FINANCE = "finance"
    IP = "ip"
    CERTIFICATE = "certificate"
    PLEDGE = "pledge"
    SLIDES = "slides"

    @property
    def label(self) -> str:
        return ATTACHMENT_LABELS[self]


ATTACHMENT_LABELS = {
    AttachmentKind.LICENCE: "营业执照",
    AttachmentKind.PLAN: "商业计划书",
    AttachmentKind.FINANCE: "财务报表或审计报告",
    AttachmentKind.IP: "知识产权证明",
    AttachmentKind.CERTIFICATE: "入库或高企证明",
    AttachmentKind.PLEDGE: "真实性承诺书（盖章）",
    AttachmentKind.SLIDES: "路演演示文稿",
}


class RejectReason(StrEnum):
    """Why a review ends with 不通过; the codes of eligibility findings where there is one."""

    FOUNDED_TOO_EARLY = "founded_too_early"
    REVENUE_ABOVE = "revenue_above"
    LISTED = "listed"
    IP_TOO_FEW = "ip_too_few"
    REGION_OUTSIDE = "region_outside"
    CREDIT_CODE_INVALID = "credit_code_invalid"
    INTEGRITY_BROKEN = "integrity_broken"
    NATIONAL_WINNER = "national_winner"
    OTHER_ENTRY = "other_entry"
    MATERIAL_INCOMPLETE = "material_incomplete"
    MATERIAL_FALSE = "material_false"
    OTHER = "other"

    @property
    def label(self) -> str:
        return REJECT_LABELS[self]


REJECT_LABELS = {
    RejectReason.FOUNDED_TOO_EARLY: "成立日期早于规定期限",
    RejectReason.REVENUE_ABOVE: "上年度营业收入超过上限",
    RejectReason.LISTED: "上市企业",
    RejectReason.IP_TOO_FEW: "没有规定数量的知识产权",
    RejectReason.REGION_OUTSIDE: "注册地不在参赛地域内",
    RejectReason.CREDIT_CODE_INVALID: "统一社会信用代码与营业执照不符",
    RejectReason.INTEGRITY_BROKEN: "有不良信用记录",
    RejectReason.NATIONAL_WINNER: "曾在全国赛获奖",
    RejectReason.OTHER_ENTRY: "本年度已参加其他分赛",
    RejectReason.MATERIAL_INCOMPLETE: "材料不全，经退回仍未补齐",
    RejectReason.MATERIAL_FALSE: "材料不实",
    RejectReason.OTHER: "其他",
}


class StageKind(StrEnum):
    WEB = "web"
    REGIONAL = "regional"
    INDUSTRY = "industry"
    FINAL = "final"

    @property
    def label(self) -> str:
        return {"web": "网络评审", "regional": "地区赛", "industry": "行业赛", "final": "总决赛"}[self.value]


class StageState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    DECIDED = "decided"


class Aggregation(StrEnum):
    MEAN = "mean"
    TRIMMED = "trimmed"


class CriterionMode(StrEnum):
    """How a criterion is marked: its points directly, or out of ten with a weight (DOMAIN 2.2)."""

    POINTS = "points"
    TEN_POINT = "ten_point"

    @property
    def label(self) -> str:
        return {"points": "直接打分", "ten_point": "十分制"}[self.value]


class CandidacyState(StrEnum):
    """Where an entry stands in one stage."""

    COMPETING = "competing"
    ADVANCED = "advanced"
    RESERVE = "reserve"
    OUT = "out"
    WITHDRAWN = "withdrawn"
    DISQUALIFIED = "disqualified"


class VisitState(StrEnum):
    PLANNED = "planned"
    RECORDED = "recorded"
    SIGNED = "signed"


class VisitConclusion(StrEnum):
    PASS = "pass"
    RECTIFY = "rectify"
    FAIL = "fail"


class EventState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class GuestKind(StrEnum):
    INSTITUTION = "institution"
    BANK = "bank"
    ENTERPRISE = "enterprise"


class IntentionKind(StrEnum):
    EQUITY = "equity"
    LOAN = "loan"


class RecommendationState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"


class ImportState(StrEnum):
    """Where an import batch (导入批次) stands."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    REFUSED = "refused"
    IMPORTING = "importing"
    STOPPED = "stopped"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"


class ImportOutcome(StrEnum):
    """What one row of a file means for the edition."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        return {"new": "新增", "changed": "变更", "unchanged": "无变化", "refused": "不能导入"}[self.value]


class UndoOutcome(StrEnum):
    """What the undoing of its batch did with a row that had been written; blank while nothing was undone."""

    NONE = ""
    UNDONE = "undone"
    KEPT = "kept"
