"""Kinds of lines, accounts and transfers of the special fund."""

from enum import StrEnum


class LineKind(StrEnum):
    FUND = "fund"
    PROGRAMME = "programme"
    SUBPROGRAMME = "subprogramme"
    WORK_FUND = "work_fund"
    NEW_PROJECTS = "new_projects"
    CARRYOVER_PROJECTS = "carryover_projects"
    TRAINING = "training"


class LineState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class AccountRole(StrEnum):
    """`FISCAL` is the one account outside; it alone may go below zero."""

    FISCAL = "fiscal"
    AVAILABLE = "available"
    HELD = "held"
    PAID = "paid"
    CARRIED = "carried"
    RETURNED = "returned"


class TransferKind(StrEnum):
    ISSUE = "issue"
    ALLOCATE = "allocate"
    ADJUST = "adjust"
    HOLD = "hold"
    PAY = "pay"
    RELEASE = "release"
    BOUNCE = "bounce"
    CARRY = "carry"
    RETURN = "return"
    REVERSE = "reverse"


class Direction(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EQUAL = "equal"
    QUALITATIVE = "qualitative"


class FindingState(StrEnum):
    OPEN = "open"
    EXPLAINED = "explained"
    CORRECTED = "corrected"
