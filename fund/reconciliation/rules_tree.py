"""Rules on the tree alone: parts and wholes, each difference shown where it arises and nowhere else."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from fund.reconciliation.case import Case
from fund.reconciliation.findings import ERROR, WARNING, Finding, money, over_or_under
from fund.reconciliation.ledger import Tree
from fund.records import TreeLine

SUM, LEAF_TOTAL, COUNT, MISSING = "sum_mismatch", "leaf_total_mismatch", "count_mismatch", "missing_field"
COLLISION = "label_collision"
IMPOSSIBLE = "unmeasurable"

# Broken children tried in combination (2^10 sums); a line with more of them has no single cause.
MAX_TRIED = 10


def sums(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Children must add up to their line, exactly, in 分.

    A wrong amount in the middle of the tree breaks two sums, its own and the one above. It is reported at the
    line itself; the line above is silent when putting the children's sums in place of their amounts balances it.
    """
    gaps = {line.code: gap for line in case.tree.lines if (gap := _gap(case.tree, line))}
    for line in case.tree.lines:
        if line.code in gaps and not _explained_below(case.tree, line, gaps):
            yield _sum_finding(case.tree, line, gaps[line.code], _also_above(case.tree, line, gaps))


def _gap(tree: Tree, line: TreeLine) -> int:
    """Children's total minus the stated amount; 0 when either is not fully stated."""
    total = _children_total(tree, line)
    return 0 if line.amount_fen is None or total is None else total - line.amount_fen


def _children_total(tree: Tree, line: TreeLine) -> int | None:
    amounts = [tree.amount(child) for child in tree.children(line)]
    return None if not amounts or None in amounts else sum(amounts)


def _explained_below(tree: Tree, line: TreeLine, gaps: dict[str, int]) -> bool:
    below = [gaps[child.code] for child in tree.children(line) if child.code in gaps][:MAX_TRIED]
    return any(
        sum(chosen) == -gaps[line.code]
        for size in range(1, len(below) + 1)
        for chosen in combinations(below, size)
    )


def _also_above(tree: Tree, line: TreeLine, gaps: dict[str, int]) -> TreeLine | None:
    above = tree.by_code.get(line.parent_code)
    if above and above.code in gaps and _explained_below(tree, above, gaps):
        return above
    return None


def _sum_finding(tree: Tree, line: TreeLine, gap: int, above: TreeLine | None) -> Finding:
    children = tree.children(line)
    found = line.amount_fen + gap
    parts = "+".join(f"{child.name}{money(tree.amount(child))}" for child in children)
    hint = _hint(tree, children, gap)
    if above:
        hint = f"{hint}；若{line.name}按{money(found)}计，上级{above.name}同时平衡"
    return Finding(
        rule=SUM,
        severity=ERROR,
        ref_code=line.code,
        statement=f"{parts}={money(found)}，{line.name}安排数{money(line.amount_fen)}",
        expected=line.amount_fen,
        found=found,
        difference=gap,
        explanation=f"{over_or_under(gap)}；须更正子项或本项金额，或登记差额来源（上年结余、调剂）{hint}",
        places=(f"预算树 {line.code}", "预算树 " + "、".join(child.code for child in children)),
    )


def _hint(tree: Tree, children: Sequence[TreeLine], gap: int) -> str:
    """Slips of the pen that would make exactly this difference: digits swapped, a zero too many or too few."""
    for child in children:
        stated = tree.amount(child)
        meant = stated - gap
        if meant > 0 and (meant * 10 == stated or stated * 10 == meant):
            return f"；{child.name}疑为{money(meant)}之误（多写或漏写一位）"
        if meant > 0 and gap % 9 == 0 and sorted(str(meant)) == sorted(str(stated)):
            return f"；{child.name}疑为{money(meant)}之误（数字颠倒）"
    return ""


def leaf_totals(case: Case, earlier: Sequence[Finding]) -> Iterator[Finding]:
    """All leaves against the root, once; derived, since every such difference arises at some line below."""
    causes = [finding for finding in earlier if finding.rule == SUM]
    for root in case.tree.roots:
        leaves = case.tree.leaves(root)
        amounts = [leaf.amount_fen for leaf in leaves]
        if root.amount_fen is None or leaves == [root] or None in amounts or sum(amounts) == root.amount_fen:
            continue
        if any(cause.ref_code == root.code and cause.found == sum(amounts) for cause in causes):
            continue
        yield _leaf_finding(root, leaves, sum(amounts), tuple(cause.id for cause in causes))


def _leaf_finding(root: TreeLine, leaves: Sequence[TreeLine], total: int, causes: tuple[str, ...]) -> Finding:
    return Finding(
        rule=LEAF_TOTAL,
        severity=ERROR,
        ref_code=root.code,
        statement=f"全部末级合计{money(total)}，{root.name}总额{money(root.amount_fen)}",
        expected=root.amount_fen,
        found=total,
        difference=total - root.amount_fen,
        explanation=f"由{'、'.join(causes)}传导，不应重复计为独立差错",
        places=(f"预算树 {root.code}", f"预算树 {len(leaves)} 个末级"),
        derived_from=causes,
    )


def unstated_amounts(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A part without an amount, where the other parts do not already make up the whole."""
    for line in case.tree.lines:
        children = case.tree.children(line)
        unstated = [child for child in children if case.tree.amount(child) is None]
        stated = sum(case.tree.amount(child) or 0 for child in children)
        if not unstated or line.amount_fen is None or stated == line.amount_fen:
            continue
        names = "、".join(child.name for child in unstated)
        yield Finding(
            rule=MISSING,
            severity=WARNING,
            ref_code=unstated[0].code,
            statement=f"{names}未填金额，{line.name}{money(line.amount_fen)}无法核对",
            explanation=f"其余子项合计{money(stated)}；补填后再核对",
            places=(f"预算树 {line.code}", "预算树 " + "、".join(child.code for child in unstated)),
        )


def negative_amounts(case: Case, earlier: Sequence[Finding]) -> Iterator[Finding]:
    """An appropriation below nothing, where no broken sum has shown it already."""
    shown = {finding.ref_code for finding in earlier if finding.rule == SUM}
    for line in case.tree.lines:
        if line.amount_fen is None or line.amount_fen >= 0 or {line.code, line.parent_code} & shown:
            continue
        yield Finding(
            rule=IMPOSSIBLE,
            severity=WARNING,
            ref_code=line.code,
            statement=f"{line.name}安排数{money(line.amount_fen)}",
            found=line.amount_fen,
            explanation="安排数不能为负；调减、收回须另列，不得冲减其他子项",
            places=(f"预算树 {line.code}",),
        )


def item_sums(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A line that states its number of items must match its children when all of them state theirs."""
    for line in case.tree.lines:
        counts = [child.item_count for child in case.tree.children(line)]
        if line.item_count is None or not counts or None in counts or sum(counts) == line.item_count:
            continue
        yield Finding(
            rule=COUNT,
            severity=WARNING,
            ref_code=line.code,
            statement=f"{line.name}{line.item_count}项，各子项合计{sum(counts)}项",
            expected=line.item_count,
            found=sum(counts),
            difference=sum(counts) - line.item_count,
            explanation="项目数量上下级不符，须更正",
            places=(f"预算树 {line.code}", "预算树 各子项数量"),
        )


def same_names(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Two lines side by side under one name: nobody can tell which of them a figure is of."""
    seen: dict[tuple[str, str], TreeLine] = {}
    for line in case.tree.lines:
        first = seen.setdefault((line.parent_code, line.name.strip()), line)
        if first is not line:
            yield Finding(
                rule=COLLISION,
                severity=WARNING,
                ref_code=line.code,
                statement=f"{first.code} 与 {line.code} 同属一个上级，名称都是“{line.name}”",
                explanation="同级科目重名，须核对是否重复登记，或改名区分",
                places=(f"预算树 {first.code}", f"预算树 {line.code}"),
            )
