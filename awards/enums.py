"""States and kinds of awards, notices, objections and payments."""

from enum import StrEnum


class AwardGroup(StrEnum):
    STARTUP = "startup"
    GROWTH = "growth"
    UNIT = "unit"

    @property
    def label(self) -> str:
        return {"startup": "初创组", "growth": "成长组", "unit": "单位"}[self.value]


class AwardKind(StrEnum):
    """What is paid for. Only a prize is won by rank."""

    PRIZE = "prize"
    ORGANISER = "organiser"
    WORK_FUND = "work_fund"
    EVENT_COST = "event_cost"
    TREASURY = "treasury"

    @property
    def label(self) -> str:
        return {
            "prize": "获奖奖励",
            "organiser": "优秀组织奖",
            "work_fund": "工作经费",
            "event_cost": "赛事费用",
            "treasury": "缴回国库",
        }[self.value]


class DoubleSupport(StrEnum):
    """What other public support for an enterprise means for its prize: nothing, only a higher one, or none at all."""

    OFF = "off"
    HIGHER = "higher"
    BAR = "bar"


class SupportLevel(StrEnum):
    NATIONAL = "national"
    PROVINCIAL = "provincial"
    PREFECTURE = "prefecture"
    COUNTY = "county"


class PlanState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class AwardState(StrEnum):
    PROPOSED = "proposed"
    NOTICED = "noticed"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


class NoticeKind(StrEnum):
    ADVANCEMENT = "advancement"
    RECOMMENDATION = "recommendation"
    AWARDS = "awards"
    ORGANISERS = "organisers"
    CORRECTION = "correction"
    RESULT = "result"
    GENERAL = "general"


class NoticeState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    CLOSED = "closed"
    FINAL = "final"


class ObjectorKind(StrEnum):
    UNIT = "unit"
    PERSON = "person"
    ANONYMOUS = "anonymous"


class ObjectionState(StrEnum):
    RECEIVED = "received"
    CLUE = "clue"
    REFUSED = "refused"
    INVESTIGATING = "investigating"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class InstalmentCondition(StrEnum):
    NOTICE_OVER = "notice_over"
    CONTRACT_SIGNED = "contract_signed"
    ACCEPTANCE_PASSED = "acceptance_passed"
    MONTHS_PASSED = "months_passed"
    CHECK_PASSED = "check_passed"


class TaskBookState(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    SIGNED = "signed"
    VOID = "void"


class AcceptanceState(StrEnum):
    APPLIED = "applied"
    RECTIFYING = "rectifying"
    PASSED = "passed"
    FAILED = "failed"


class ClawbackState(StrEnum):
    DEMANDED = "demanded"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class PayeeKind(StrEnum):
    ENTERPRISE = "enterprise"
    BUREAU = "bureau"
    HOST = "host"
    EXPERT = "expert"
    TREASURY = "treasury"


class AccountState(StrEnum):
    ENTERED = "entered"
    VERIFIED = "verified"
    SUPERSEDED = "superseded"


class ExclusionReason(StrEnum):
    """Why a unit may not be paid for the time being."""

    DISHONEST = "dishonest"
    ABNORMAL = "abnormal"
    DEREGISTERED = "deregistered"
    ACCIDENT = "accident"
    MISCONDUCT = "misconduct"
    OTHER = "other"


class Channel(StrEnum):
    DIRECT = "direct"
    AUTHORISED = "authorised"
    INDEX_TRANSFER = "index_transfer"
    REFUND = "refund"


class PaymentState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    DIVISION_OK = "division_ok"
    FINANCE_OK = "finance_ok"
    # Whoever was the last of its chain; the stored word is of before chains could end with another.
    APPROVED = "leader_ok"
    EXPORTED = "exported"
    PAID = "paid"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class BatchState(StrEnum):
    DRAFT = "draft"
    EXPORTED = "exported"
    SETTLED = "settled"
    VOID = "void"


class BankField(StrEnum):
    """What of ours stands in a column of a bank's file, or is read from a column of its answer."""

    SEQ = "seq"
    KEY = "key"
    ACCOUNT_NAME = "account_name"
    ACCOUNT = "account"
    BANK = "bank"
    BANK_CODE = "bank_code"
    AMOUNT = "amount"
    PURPOSE = "purpose"
    DOCUMENT_NO = "document_no"
    DATE = "date"
    PAYER_NAME = "payer_name"
    PAYER_ACCOUNT = "payer_account"
    PAYER_BANK = "payer_bank"
    TEXT = "text"
    STATUS = "status"
    REASON = "reason"
    REFERENCE = "reference"


class SheetKind(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


class AmountUnit(StrEnum):
    YUAN = "yuan"
    FEN = "fen"


class ResultState(StrEnum):
    READ = "read"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class Outcome(StrEnum):
    """What one line of a bank's answer means for the payment it names."""

    PAID = "paid"
    FAILED = "failed"
    REPEATED = "repeated"
    PENDING = "pending"
    MISSING = "missing"
    DOUBLED = "doubled"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
