"""Award and payment tables. Edition, budget year, item carried and money carried are four separate facts."""

from awards.models.banking import BankFormat, BankResult, BankResultLine, BatchExport
from awards.models.grants import Acceptance, Award, Certificate, Instalment
from awards.models.notices import Notice, NoticePosting, Objection
from awards.models.payees import Exclusion, Payee, PayeeAccount
from awards.models.payments import Payment, PaymentBatch, PaymentStep
from awards.models.plans import Tier, TierPlan
from awards.models.task_books import TaskBook

__all__ = [
    "Acceptance",
    "Award",
    "BankFormat",
    "BankResult",
    "BankResultLine",
    "BatchExport",
    "Certificate",
    "Exclusion",
    "Instalment",
    "Notice",
    "NoticePosting",
    "Objection",
    "Payee",
    "PayeeAccount",
    "Payment",
    "PaymentBatch",
    "PaymentStep",
    "TaskBook",
    "Tier",
    "TierPlan",
]
