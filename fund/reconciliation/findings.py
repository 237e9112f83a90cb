"""What a rule reports: one contradiction, with both figures, both places and what could explain it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from core.money import FEN_PER_WAN, wan, yuan

# Figures of a quoted sentence change while it stays the same place; codes keep theirs.
_FIGURE = re.compile(r"(?<![A-Za-z0-9-])\d[\d,.]*(?=[^\d-])")
ERROR, WARNING, INFO = "error", "warning", "info"
PUBLISHED = (
    "id",
    "severity",
    "rule",
    "ref_code",
    "statement",
    "expected",
    "found",
    "difference",
    "explanation",
)


@dataclass(frozen=True)
class Finding:
    """`expected` and `found` are 分 for amounts, plain numbers for counts and percentages, None where there is no figure.

    `difference` is found - expected. `derived_from` names the findings that already explain this one: it is
    shown, and never counted as a mistake of its own. The id is given by reconcile() in order of discovery.
    """

    rule: str
    severity: str
    ref_code: str
    statement: str
    explanation: str
    expected: int | Decimal | str | None = None
    found: int | Decimal | None = None
    difference: int | Decimal | None = None
    places: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    id: str = ""

    @property
    def key(self) -> str:
        """Recognises the same contradiction in a later run, whatever its figures have become by then."""
        digest = sha256(_FIGURE.sub("#", "\n".join(self.places)).encode()).hexdigest()[:16]
        return f"{self.rule}:{self.ref_code}:{digest}"

    def as_row(self) -> dict[str, object]:
        """The nine published columns, in their order."""
        return {name: getattr(self, name) for name in PUBLISHED}


def money(fen: int) -> str:
    """'2,400万元', the unit such reports are written in; below one 万元 '1,500元'."""
    return f"{wan(fen)}万元" if abs(fen) >= FEN_PER_WAN or not fen else f"{yuan(fen).removesuffix('.00')}元"


def over_or_under(fen: int) -> str:
    return f"{'多' if fen > 0 else '少'}{money(abs(fen))}"
