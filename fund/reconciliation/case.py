"""Everything the rules look at, read once: tree, indicator rows with the lines they belong to, report, claims."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from fund.reconciliation.ledger import Tree
from fund.reconciliation.report import Report
from fund.records import CLAIM_ACTUAL, CLAIM_TARGET, IndicatorRow, TreeLine
from fund.wording import (
    FEN_PER_UNIT,
    bare_label,
    collapse,
    is_input_money,
    shared,
    without_brackets,
    without_count_suffix,
)

ALIKE_ENDING = 4
UNSTATED = ("", "未注明", "不详", "其他", "综合", "全部")


@dataclass(frozen=True)
class Claim:
    """Money or items the indicator table claims for one line, planned and achieved."""

    label: str
    line: TreeLine
    target_fen: int | None
    actual_fen: int | None
    target_count: int | None = None
    actual_count: int | None = None

    @property
    def fen(self) -> int | None:
        return self.target_fen if self.actual_fen is None else self.actual_fen

    @property
    def count(self) -> int | None:
        return self.target_count if self.actual_count is None else self.actual_count


@dataclass(frozen=True)
class Case:
    tree: Tree
    rows: tuple[IndicatorRow, ...]
    report: Report | None

    @cached_property
    def _homes(self) -> dict[str, tuple[TreeLine | None, bool]]:
        return {programme: self._home(programme) for programme in {row.programme for row in self.rows}}

    def _home(self, programme: str) -> tuple[TreeLine | None, bool]:
        if programme.strip() in UNSTATED:
            return None, False
        named = self.tree.named(programme)
        if named is not None:
            return self.tree.holder(named), True
        return (self.report.section_of(programme) if self.report else None), False

    def home(self, row: IndicatorRow) -> TreeLine | None:
        """The programme line of a row: by name, else by the report section that speaks of the programme."""
        return self._homes[row.programme][0]

    def is_named_in_tree(self, row: IndicatorRow) -> bool:
        return self._homes[row.programme][1]

    def home_code(self, row: IndicatorRow) -> str:
        line = self.home(row)
        return line.code if line else self.tree.root_code

    def label(self, row: IndicatorRow) -> str:
        return bare_label(row.name, row.programme)

    def claim_of(self, row: IndicatorRow) -> "Claim | None":
        """The claim in the tree that copies this row: under the row's own line, with the same label."""
        home, own = self.home(row), collapse(row.name)
        for claim in self.claims:
            near = home is None or home in self.tree.path(claim.line) or claim.line in self.tree.path(home)
            label = collapse(claim.label)
            if near and (same_label(label, own) or label[-ALIKE_ENDING:] == own[-ALIKE_ENDING:]):
                return claim
        return None

    def money_line(self, row: IndicatorRow) -> TreeLine | None:
        """Where a row's money or count was claimed in the tree, which may be below its programme line."""
        claim = self.claim_of(row)
        if claim is None:
            counted = (
                claim for claim in self.claims if claim.count is not None and claim.count == row.actual_value
            )
            claim = next((claim for claim in counted if self._speaks_of(claim, row)), None)
        return claim.line if claim else self.home(row)

    def _speaks_of(self, claim: "Claim", row: IndicatorRow) -> bool:
        home = self.home(row)
        return home in self.tree.path(claim.line) and len(shared(claim.label, self.label(row))) >= 2

    @cached_property
    def claims(self) -> list[Claim]:
        """The claims recorded in the tree, planned and achieved joined by line and label."""
        joined: dict[tuple[str, str], dict[str, TreeLine]] = {}
        for line in self.tree.claims:
            if line.parent_code in self.tree.by_code:
                joined.setdefault((line.parent_code, claim_label(line.name)), {})[line.kind] = line
        return [self._claim(*key, parts) for key, parts in joined.items()]

    def _claim(self, code: str, label: str, parts: dict[str, TreeLine]) -> Claim:
        target, actual = parts.get(CLAIM_TARGET), parts.get(CLAIM_ACTUAL)
        return Claim(
            label=label,
            line=self.tree.by_code[code],
            target_fen=target.amount_fen if target else None,
            actual_fen=actual.amount_fen if actual else None,
            target_count=target.item_count if target else None,
            actual_count=actual.item_count if actual else None,
        )

    def input_rows(self) -> list[IndicatorRow]:
        """Rows that state money spent, with a value."""
        return [r for r in self.rows if is_input_money(self.label(r), r.unit) and r.target_value is not None]

    def main_code(self, marks: Iterable[tuple[TreeLine | None, str]]) -> str:
        """Where to file one finding about many rows: the line with most distinct offences, of equals the first.

        Rows that belong to no line count for the root.
        """
        tally: dict[str, set[str]] = {}
        for line, offence in marks:
            tally.setdefault(line.code if line else self.tree.root_code, set()).add(offence)
        return max(tally, key=lambda code: len(tally[code]), default=self.tree.root_code)


def claim_label(name: str) -> str:
    """'指标表：奖励经费（实际）' -> '奖励经费'."""
    return without_brackets(name).split("：")[-1].split(":")[-1]


def same_label(one: str, other: str) -> bool:
    """One label contains the other in full, stutters and counting words aside."""
    one, other = (without_count_suffix(collapse(label)) for label in (one, other))
    if not one or not other:
        return False
    common = len(shared(one, other))
    return common == min(len(one), len(other)) and common >= 3


def fen_of(value: Decimal | None, unit: str) -> int | None:
    factor = FEN_PER_UNIT.get(unit)
    return None if value is None or factor is None else int(value * factor)


def count_of(values: Sequence[Decimal | None]) -> int | None:
    """Sum of whole counts; None when one is missing or broken."""
    if not values or any(value is None or value != value.to_integral_value() for value in values):
        return None
    return int(sum(values))
