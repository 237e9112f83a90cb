"""Rows of the tables that evaluation and reconciliation read, whether from files or from the database.

Pure: standard library only. Money is integer 分; counts are integers; indicator values are Decimal.
"""

from dataclasses import dataclass
from decimal import Decimal

AT_LEAST, AT_MOST, EQUAL, QUALITATIVE = "at_least", "at_most", "equal", "qualitative"
DIRECTIONS = (AT_LEAST, AT_MOST, EQUAL, QUALITATIVE)

NEW_PROJECTS, CARRYOVER_PROJECTS = "new_projects", "carryover_projects"
CLAIM_TARGET, CLAIM_ACTUAL = "indicator_target", "indicator_actual"


@dataclass(frozen=True)
class TreeLine:
    """One line of the fund tree. Kinds starting with `indicator_` are claims and are never summed."""

    code: str
    parent_code: str
    name: str
    amount_fen: int | None
    kind: str = ""
    item_count: int | None = None
    note: str = ""

    @property
    def is_claim(self) -> bool:
        return self.kind.startswith("indicator_")


@dataclass(frozen=True)
class IndicatorRow:
    """One level-3 indicator. The texts are as reported; the values are what was read out of them.

    A qualitative row is assessed in points (`assessed`) or as a share of its points (`assessed_share`, 0 to 1).
    """

    programme: str
    level1: str
    level2: str
    name: str
    target_text: str
    actual_text: str
    target_value: Decimal | None = None
    actual_value: Decimal | None = None
    unit: str = ""
    direction: str = QUALITATIVE
    weight: Decimal | None = None
    band: str = ""
    assessed: Decimal | None = None
    assessed_share: Decimal | None = None
    reason: str = ""
    numerator: Decimal | None = None
    denominator: Decimal | None = None
