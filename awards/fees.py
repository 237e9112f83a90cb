"""Expert fees: from what an expert is to receive after tax to the gross and the tax withheld. Pure; money in 分.

The standard is per person-day and after tax (DOMAIN.md 3: 财科教〔2017〕128号, 高级职称 1,500–2,400 元, 其他 900–1,500 元;
regions differ, so the rate is typed). How tax is withheld is data, a `TaxTable` that finance checks: income up to
`small_limit` less `allowance`, above it less a share, then brackets with quick deductions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

FULL_BP = 10_000


@dataclass(frozen=True)
class Bracket:
    """Taxable income up to `upto_fen` (None: without limit) at `rate_bp`, less `quick_fen`."""

    upto_fen: int | None
    rate_bp: int
    quick_fen: int


@dataclass(frozen=True)
class TaxTable:
    allowance_fen: int
    small_limit_fen: int
    share_bp: int
    brackets: Sequence[Bracket]


@dataclass(frozen=True)
class Fee:
    name: str
    senior: bool
    half_days: int
    rate_fen: int
    net_fen: int
    tax_fen: int

    @property
    def gross_fen(self) -> int:
        return self.net_fen + self.tax_fen


DEFAULT = TaxTable(
    80_000,
    400_000,
    2_000,
    (Bracket(2_000_000, 2_000, 0), Bracket(5_000_000, 3_000, 200_000), Bracket(None, 4_000, 700_000)),
)
# After tax, per person-day, least and most, by whether the title is a senior one.
STANDARD = {True: (150_000, 240_000), False: (90_000, 150_000)}


def tax_on(gross_fen: int, table: TaxTable) -> int:
    """Withheld from a gross fee, to the 分, half up."""
    if gross_fen <= table.small_limit_fen:
        taxable = max(0, gross_fen - table.allowance_fen)
    else:
        taxable = _share(gross_fen, FULL_BP - table.share_bp)
    bracket = next(b for b in table.brackets if b.upto_fen is None or taxable <= b.upto_fen)
    return max(0, _share(taxable, bracket.rate_bp) - bracket.quick_fen)


def _share(fen: int, bp: int) -> int:
    return (fen * bp + FULL_BP // 2) // FULL_BP


def tax_for(net_fen: int, table: TaxTable) -> int:
    """The least tax that leaves this net: the gross is searched, since tax follows from it."""
    low, high = net_fen, 3 * net_fen + 1
    while low < high:
        middle = (low + high) // 2
        if middle - tax_on(middle, table) >= net_fen:
            high = middle
        else:
            low = middle + 1
    return low - net_fen


def fee(name: str, *, senior: bool, half_days: int, rate_fen: int, table: TaxTable) -> Fee:
    net = rate_fen * half_days // 2
    return Fee(name, senior, half_days, rate_fen, net, tax_for(net, table))


def outside_standard(found: Fee) -> bool:
    least, most = STANDARD[found.senior]
    return not least <= found.rate_fen <= most
