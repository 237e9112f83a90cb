"""Award and payment tables. Edition, budget year, item carried and money carried are four separate facts."""

from awards.models.approvals import ApprovalRule, DelegatedStep, Delegation, PaymentChain
from awards.models.banking import BankFormat, BankResult, BankResultLine, BatchExport
from awards.models.clawbacks import Clawback, Refund
from awards.models.fees import FeeList, FeePart
from awards.models.grants import (
    Acceptance,
    AcceptanceMaterial,
    Award,
    Certificate,
    Instalment,
    OperatingCheck,
)
from awards.models.notices import Notice, NoticePosting, Objection
from awards.models.payees import Exclusion, Payee, PayeeAccount
from awards.models.payments import Payment, PaymentBatch, PaymentStep
from awards.models.plans import EdgeDecision, OtherSupport, Tier, TierPlan
from awards.models.task_books import TaskBook

__all__ = [
    "ApprovalRule",
    "DelegatedStep",
    "Delegation",
    "PaymentChain",
    "Acceptance",
    "AcceptanceMaterial",
    "Award",
    "BankFormat",
    "BankResult",
    "BankResultLine",
    "BatchExport",
    "Certificate",
    "Clawback",
    "Exclusion",
    "FeeList",
    "FeePart",
    "Instalment",
    "Notice",
    "NoticePosting",
    "Objection",
    "OperatingCheck",
    "OtherSupport",
    "Payee",
    "PayeeAccount",
    "Payment",
    "PaymentBatch",
    "PaymentStep",
    "Refund",
    "TaskBook",
    "EdgeDecision",
    "Tier",
    "TierPlan",
]
