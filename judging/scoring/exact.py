"""Numbers of the official score: one exact representation, one rounding, one list of refusals.

Marks and sheet totals are `Decimal` points. An `int` handed in always means integer hundredths (8550 is
85.50), the form the database stores, and becomes a Decimal at the door; `float` is refused. Means are
`Fraction`, since a third has no finite decimal, and are rounded in one place, `half_up`.
"""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from fractions import Fraction

Key = int | str
Points = int | Decimal  # int: hundredths of a point

# Any result that would need rounding raises, whatever the caller's own decimal context says.
EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])
MOST_DECIMALS = 6
MARK_DECIMALS = 2
CEILING = 1_000_000


class Fault(StrEnum):
    """Why something was refused; stable codes for translation."""

    NOT_EXACT = "not_exact"
    OUT_OF_RANGE = "out_of_range"
    TOO_MANY_DECIMALS = "too_many_decimals"
    BAD_CRITERION = "bad_criterion"
    CRITERION_MISSING = "criterion_missing"
    CRITERION_UNKNOWN = "criterion_unknown"
    BAD_RULE = "bad_rule"
    BAD_TIE_CHAIN = "bad_tie_chain"
    DUPLICATE_JUDGE = "duplicate_judge"
    RECUSED_WITH_SCORE = "recused_with_score"
    BAD_WEIGHT = "bad_weight"
    PANEL_MISSING = "panel_missing"
    PANEL_WITHOUT_WEIGHT = "panel_without_weight"
    POPULARITY_COUNTED = "popularity_counted"
    NOTHING_TO_AVERAGE = "nothing_to_average"
    DUPLICATE_ENTRY = "duplicate_entry"
    BAD_DECISION = "bad_decision"
    DECISION_WITHOUT_MINUTES = "decision_without_minutes"
    DECISIONS_CONFLICT = "decisions_conflict"
    NOT_DECLARED = "not_declared"
    NOT_DRAWN = "not_drawn"
    ROOM_TOO_SMALL = "room_too_small"
    ROOM_MEAN_ZERO = "room_mean_zero"


class ScoringError(Exception):
    """A refused input. `code` says why, `subject` which criterion, judge, panel, entry or room."""

    def __init__(self, code: Fault, subject: object = None):
        super().__init__(str(code) if subject is None else f"{code}: {subject}")
        self.code = code
        self.subject = subject


def as_points(value: Points) -> Decimal:
    """Points as Decimal. int: hundredths; Decimal: points, finite, 0 <= value < 10^6, at most 6 decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ScoringError(Fault.NOT_EXACT, value)
    if isinstance(value, int):
        if not 0 <= value < CEILING * 100:
            raise ScoringError(Fault.OUT_OF_RANGE, value)
        return EXACT.scaleb(Decimal(value), -MARK_DECIMALS)
    if not value.is_finite():
        raise ScoringError(Fault.NOT_EXACT, value)
    if not 0 <= value < CEILING:
        raise ScoringError(Fault.OUT_OF_RANGE, value)
    if not has_decimals_at_most(value, MOST_DECIMALS):
        raise ScoringError(Fault.TOO_MANY_DECIMALS, value)
    return value or Decimal(0)


def has_decimals_at_most(value: Decimal, places: int) -> bool:
    """Whether the finite value needs no more than `places` decimals; 85.500 needs one."""
    if not value:
        return True
    # The magnitude is looked at first: the ratio of 1E-999999 is a number of a million digits.
    return value.adjusted() >= -places and 10**places % value.as_integer_ratio()[1] == 0


def as_fraction(value: Points | Fraction) -> Fraction:
    """The same number as an exact fraction of points; int again means hundredths."""
    return value if isinstance(value, Fraction) else Fraction(as_points(value))


def half_up(exact: Fraction, decimals: int) -> Decimal:
    """Round half away from zero (四舍五入) to `decimals` places, by integers, so no context can interfere."""
    scaled = abs(exact) * 10**decimals
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal((int(exact < 0), tuple(map(int, str(units))), -decimals))


def mean(values: Iterable[Points | Fraction]) -> Fraction:
    """The exact plain mean in points; used for panels and for criterion means over every valid sheet."""
    numbers = [as_fraction(value) for value in values]
    if not numbers:
        raise ScoringError(Fault.NOTHING_TO_AVERAGE)
    return sum(numbers, Fraction(0)) / len(numbers)


def key_order(key: Key) -> tuple[bool, int, str]:
    """A total order over keys, numbers before names, so output never depends on input order."""
    return (True, 0, key) if isinstance(key, str) else (False, key, "")
