"""The figures a report text gives for tree lines: amounts, counts, and amounts whose unit cannot be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fund.reconciliation.ledger import Tree
from fund.reconciliation.report import MIN_NAME, SENTENCE_END, YEAR, Report, spans_years
from fund.records import CARRYOVER_PROJECTS, NEW_PROJECTS, TreeLine
from fund.wording import BARE_MULTIPLIERS, ITEM_UNITS, Quantity, quantities, without_brackets

AMOUNT, COUNT, UNIT_ERROR, UNIT_MISSING = "amount", "count", "unit_error", "unit_missing"
MIN_PERCENT_COVERED = 80
_FILLER = 10
_CLAUSE_END = re.compile(r"[，,；;。、：:！？（）()]")
_GENERIC = {
    NEW_PROJECTS: re.compile(r"(?:新上|新立|新增|新立项|新开)(?:的)?项目"),
    CARRYOVER_PROJECTS: re.compile(r"(?:结转|续建|延续|跨年)(?:的)?项目"),
}
# Words beside which a figure speaks of something else than what was budgeted for the line this year.
_OTHER_MONEY = re.compile(
    r"上年|去年|往年|支出|支付|执行|结余|剩余|到位|节约|自筹|配套|社会资本|同比|增加|减少|缺口"
)
_CONTINUES = re.compile(r"^(?:共|合计|总计|其中)?(?:拨款|经费|资金|安排|下达|预算|核定|批复)")
# What may stand between a line's name and its amount; any other word makes the amount one of its parts.
_LEAD = re.compile(
    r"(?:安排|下达|拨付|拨款|投入|核定|批复|落实|使用|列支|预算|计划|资金|经费|专项|财政|补助|奖补|奖励|总额|金额|规模"
    r"|总|数|额|为|是|达到|达|共|合计|计|了|的|项目|：|:|\s)*"
)
_SPENDING = re.compile(r"(?:拨款|拨付|经费|资金|费用|金额|奖金|下达|支付)(?:共|计|共计|合计|为|：|:)?\s*$")
_ITEM_TAIL = re.compile(r"(?:个|项)(?:目)?")


@dataclass(frozen=True)
class Mention:
    """One figure of the text. `line` is None where the text names no line the tree knows."""

    kind: str
    line: TreeLine | None
    quantity: Quantity
    sentence: str


def mentions(report: Report) -> Iterator[Mention]:
    for section, paragraph in report.placed:
        yield from _Walk(report.tree, section, report.year).read(paragraph)


class _Walk:
    """Reads one paragraph clause by clause, remembering which line is being spoken of."""

    def __init__(self, tree: Tree, section: TreeLine | None, year: str):
        self.tree = tree
        self.year = year
        self.line: TreeLine | None = None
        self.scope = section
        self.awaits_amount = False
        self.bare = False

    def read(self, paragraph: str) -> Iterator[Mention]:
        for sentence in SENTENCE_END.split(paragraph):
            if spans_years(sentence):
                continue
            for clause in _CLAUSE_END.split(sentence):
                for kind, line, quantity in self._clause(clause.strip()):
                    yield Mention(kind, line, quantity, sentence.strip())

    def _clause(self, clause: str) -> Iterator[tuple[str, TreeLine | None, Quantity]]:
        named, end = self._named(clause)
        if named is not None:
            self._enter(named)
            yield from self._counts(clause, end)
        bad = _bad_unit(clause, end)
        if bad is not None:
            yield bad[0], self.line if self.awaits_amount else None, bad[1]
            self.awaits_amount = False
        if not self.awaits_amount or _OTHER_MONEY.search(clause[end:]) or self._of_another_year(clause):
            return
        tail = clause[end:]
        money = next((q for q in quantities(tail) if q.unit not in ("年", "月", "日", "%")), None)
        if money is not None and money.is_money and self._belongs(tail, money, names_line=named is not None):
            yield AMOUNT, self.line, money
            self.awaits_amount = False

    def _of_another_year(self, clause: str) -> bool:
        years = YEAR.findall(clause)
        return bool(years) and self.year not in years

    def _enter(self, named: TreeLine) -> None:
        self.line, self.awaits_amount = named, True
        if self.tree.children(named):
            self.scope = named

    def _named(self, clause: str) -> tuple[TreeLine | None, int]:
        """The line a clause names, and where the name ends; new and carried-over projects by their kind.

        The longest name wins, of equals one quoted to the letter, then one below the line in scope; if two remain
        the name is nobody's.
        """
        spans = [
            (end - start, exact, self._in_scope(line), end, line)
            for line in self.tree.lines
            for start, end, exact in self._spans(line, clause)
        ]
        best = max(spans, key=lambda span: span[:4], default=None)
        if best is not None and len({span[4].code for span in spans if span[:3] == best[:3]}) == 1:
            return self._narrowed(best[4], best[3], clause)
        for kind, pattern in _GENERIC.items():
            match = pattern.search(clause)
            child = match and self.scope and self.tree.project_child(self.scope, kind)
            if child:
                return child, match.end()
        return None, 0

    def _narrowed(self, line: TreeLine, end: int, clause: str) -> tuple[TreeLine, int]:
        """'星创天地新上项目': the projects below the line that is named in front of them."""
        for kind, pattern in _GENERIC.items():
            match = pattern.match(clause, end + clause[end:].startswith("的"))
            child = match and self.tree.project_child(line, kind)
            if child:
                self.scope = line
                return child, match.end()
        return line, end

    def _in_scope(self, line: TreeLine) -> bool:
        return self.scope is not None and self.scope in self.tree.path(line)

    def _spans(self, line: TreeLine, clause: str) -> Iterator[tuple[int, int, bool]]:
        name = without_brackets(line.name)
        if len(name) >= MIN_NAME and name in clause:
            start = clause.rindex(name)
            yield start, start + len(name), True
        elif (end := covered_end(name, clause)) is not None:
            yield end - len(name), end, False
        rest = self._own_words(line, name)
        if len(rest) >= MIN_NAME and rest in clause:
            start = clause.rindex(rest)
            yield start, start + len(rest), True

    def _own_words(self, line: TreeLine, name: str) -> str:
        """The name without what it repeats of the line in scope, when the scope is above the line."""
        if line is self.scope or not self._in_scope(line):
            return ""
        above = without_brackets(self.scope.name)
        common = 0
        while common < min(len(name), len(above)) and name[common] == above[common]:
            common += 1
        return name[common:] if common >= 2 else ""

    def _counts(self, clause: str, end: int) -> Iterator[tuple[str, TreeLine | None, Quantity]]:
        """'新上项目7项', '9个…项目': a count of items beside the line's name."""
        before = [q for q in quantities(clause[:end]) if q.unit in ITEM_UNITS and q.start == 0]
        after = [q for q in quantities(clause[end:]) if q.unit in ITEM_UNITS and q.start <= 1]
        for quantity in after or (before if clause[:end].endswith("项目") else []):
            yield COUNT, self.line, quantity
        rest = re.sub(r"\d+", "", _ITEM_TAIL.sub("", clause[end:]))
        self.bare = len(rest) <= 2

    def _belongs(self, tail: str, money: Quantity, *, names_line: bool) -> bool:
        """The amount stands right behind the name, or opens the next clause with a word for budgeting."""
        lead = tail[: money.start]
        if names_line:
            return len(lead) <= _FILLER and bool(_LEAD.fullmatch(lead))
        return self.bare and bool(_CONTINUES.match(tail)) and len(lead) <= _FILLER


def _bad_unit(clause: str, end: int) -> tuple[str, Quantity] | None:
    """A number that ends its clause behind a spending word, counted in items or left without 元.

    The spending word may itself be the end of the line's name ('工作经费'), which ends at `end`.
    """
    for quantity in quantities(clause):
        behind = clause[quantity.end :].strip()
        if quantity.start < end or behind or not _SPENDING.search(clause[: quantity.start]):
            continue
        if quantity.unit in ITEM_UNITS:
            return UNIT_ERROR, quantity
        if quantity.unit in BARE_MULTIPLIERS or (not quantity.unit and quantity.value >= 10):
            return UNIT_MISSING, quantity
    return None


def covered_end(name: str, clause: str) -> int | None:
    """Where a loosely quoted name ends: nearly all its pairs of characters stand in the clause."""
    pairs = [name[i : i + 2] for i in range(len(name) - 1)]
    hits = [pair for pair in pairs if pair in clause]
    if len(pairs) < 5 or len(hits) * 100 < MIN_PERCENT_COVERED * len(pairs) or name[-2:] not in clause:
        return None
    return clause.rindex(name[-2:]) + 2
