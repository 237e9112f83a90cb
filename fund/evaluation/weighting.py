"""Points of the level-3 rows of one block."""

from collections.abc import Sequence
from decimal import Decimal

from core.money import split_fen


def split_weight(weight: Decimal, count: int) -> list[Decimal]:
    """Default points: `weight` split equally over `count` rows in hundredths, by largest remainder.

    The hundredths that do not divide go to the rows printed first, so the parts always sum to `weight`:
    10 over 3 rows is 3.34, 3.33, 3.33.
    """
    hundredths = int(weight * 100)
    return [Decimal(part).scaleb(-2) for part in split_fen(hundredths, [1] * count)] if count else []


def block_weights(weight: Decimal, given: Sequence[Decimal | None]) -> list[Decimal]:
    """Points somebody set (an unset row among them has 0); where none were set, the default split."""
    if any(points is not None for points in given):
        return [points or Decimal(0) for points in given]
    return split_weight(weight, len(given))
