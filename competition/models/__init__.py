"""Competition tables. An entry keeps the codes and the rule version of its year; nothing decided is rewritten."""

from competition.models.editions import (
    TOP_OF_TEN,
    Criterion,
    DeadlineChange,
    Edition,
    EditionRules,
    Region,
    RegionPrefecture,
    RuleChange,
    Stage,
    Track,
)
from competition.models.entries import (
    Attachment,
    ContactInvitation,
    EligibilityFinding,
    Enterprise,
    EnterpriseContact,
    Entry,
    EntryVersion,
    PastAward,
    ReviewDecision,
    Upload,
)
from competition.models.events import Intention, MatchEvent, MatchGuest, Training, TrainingAttendance
from competition.models.imports import ImportBatch, ImportRow
from competition.models.reviews import CannedReason, ReviewBatch, ReviewBatchItem, ReviewerInterest
from competition.models.rounds import Candidacy, Recommendation, RecommendationList, Visit

__all__ = [
    "TOP_OF_TEN",
    "Attachment",
    "Candidacy",
    "CannedReason",
    "ContactInvitation",
    "Criterion",
    "DeadlineChange",
    "Edition",
    "EditionRules",
    "EligibilityFinding",
    "Enterprise",
    "EnterpriseContact",
    "Entry",
    "EntryVersion",
    "ImportBatch",
    "ImportRow",
    "Intention",
    "MatchEvent",
    "MatchGuest",
    "PastAward",
    "Recommendation",
    "RecommendationList",
    "Region",
    "RegionPrefecture",
    "ReviewBatch",
    "ReviewBatchItem",
    "ReviewDecision",
    "ReviewerInterest",
    "RuleChange",
    "Stage",
    "Track",
    "Training",
    "TrainingAttendance",
    "Upload",
    "Visit",
]
