"""The fund tree with its claims set apart, and the question which line a name speaks of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from core.errors import InvalidInput
from fund.records import NEW_PROJECTS, TreeLine
from fund.wording import core, shared

MIN_SHARED = 3
_PROGRAMMES = ("fund", "programme", "subprogramme", "")
MIN_PERCENT_OF_SHORTER = 60


class Tree:
    """Lines by code. Claims (kind `indicator_…`) hang on a line but are never children of it."""

    def __init__(self, lines: Sequence[TreeLine]):
        check_shape(lines)
        self.lines = [line for line in lines if not line.is_claim]
        self.by_code = {line.code: line for line in self.lines}
        self.claims = [line for line in lines if line.is_claim]

    @cached_property
    def _children(self) -> dict[str, list[TreeLine]]:
        grouped: dict[str, list[TreeLine]] = {}
        for line in self.lines:
            grouped.setdefault(line.parent_code, []).append(line)
        return grouped

    @property
    def roots(self) -> list[TreeLine]:
        return self._children.get("", [])

    @property
    def root_code(self) -> str:
        return self.roots[0].code if self.roots else ""

    def children(self, line: TreeLine) -> list[TreeLine]:
        return self._children.get(line.code, [])

    def descendants(self, line: TreeLine) -> Iterator[TreeLine]:
        for child in self.children(line):
            yield child
            yield from self.descendants(child)

    def leaves(self, line: TreeLine) -> list[TreeLine]:
        below = self.children(line)
        return [leaf for child in below for leaf in self.leaves(child)] if below else [line]

    def path(self, line: TreeLine) -> list[TreeLine]:
        """From the line up to its root, the line first."""
        chain = [line]
        while chain[-1].parent_code:
            chain.append(self.by_code[chain[-1].parent_code])
        return chain

    def amount(self, line: TreeLine) -> int | None:
        """The stated amount; for a line without one, the sum of its children, if every child has one."""
        below = self.children(line)
        if line.amount_fen is not None or not below:
            return line.amount_fen
        amounts = [self.amount(child) for child in below]
        return None if None in amounts else sum(amounts)

    def project_child(self, line: TreeLine, kind: str = NEW_PROJECTS) -> TreeLine | None:
        """The child that holds the line's new (or carried-over) projects; the line itself if it is one."""
        if line.kind == kind:
            return line
        return next((child for child in self.children(line) if child.kind == kind), None)

    def holder(self, line: TreeLine) -> TreeLine:
        """Projects and working money stand for the programme above them; a programme stands for itself."""
        if self.children(line) or not line.parent_code or line.kind in _PROGRAMMES:
            return line
        return self.by_code[line.parent_code]

    def common(self, lines: Iterable[TreeLine]) -> TreeLine | None:
        """Lowest line that covers all of them."""
        paths = [self.path(line) for line in lines]
        if not paths:
            return None
        return next((line for line in paths[0] if all(line in path for path in paths)), None)

    def named(self, name: str) -> TreeLine | None:
        """The line a programme name speaks of, by code, by equal name, or by the longest shared wording.

        Wordings are compared without region, brackets and generic endings (core). A match needs 3 shared
        characters and 60 % of the shorter core; of equals the better covered, then the higher line wins. A
        core of two characters must stand in one line's name only, or in names below that line.
        """
        wanted = core(name)
        exact = [line for line in self.lines if name in (line.code, line.name)]
        if exact or len(wanted) < 2:
            return next(iter(exact), None)
        if len(wanted) < MIN_SHARED:
            return self.common(line for line in self.lines if wanted in core(line.name))
        ranked = []
        for order, line in enumerate(self.lines):
            own = core(line.name)
            common = len(shared(wanted, own))
            shorter = min(len(wanted), len(own))
            if common >= MIN_SHARED and common * 100 >= MIN_PERCENT_OF_SHORTER * shorter:
                ranked.append((common, common / len(own), -len(self.path(line)), -order, line))
        return max(ranked, key=lambda entry: entry[:4])[-1] if ranked else None


def check_shape(lines: Sequence[TreeLine]) -> None:
    """Raise InvalidInput for a repeated code, an unknown parent, a claim used as a parent, or a circle."""
    doubled = sorted(code for code, times in Counter(line.code for line in lines).items() if times > 1)
    if doubled:
        raise InvalidInput(f"预算树编码重复：{'、'.join(doubled)}。", code="bad_tree")
    parents = {line.code: line.parent_code for line in lines}
    real = {line.code for line in lines if not line.is_claim}
    for line in lines:
        if line.parent_code and line.parent_code not in real:
            raise InvalidInput(f"{line.code} 的上级 {line.parent_code} 不在预算树中。", code="bad_tree")
        seen, code = set(), line.code
        while code:
            if code in seen:
                raise InvalidInput(f"{line.code} 的上下级关系成环。", code="bad_tree")
            seen.add(code)
            code = parents.get(code, "")
