"""Money and items claimed by the indicator table against the tree line of the same scope."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fund.reconciliation.case import Case, Claim, count_of, fen_of
from fund.reconciliation.findings import ERROR, WARNING, Finding, money, over_or_under
from fund.reconciliation.rules_report import is_unit_slip
from fund.records import AT_MOST, IndicatorRow, TreeLine
from fund.wording import PROJECT_COUNT, TOTAL_LABELS, core, shared

CLAIM, SCOPE, COUNT, UNIT = "claim_vs_ledger", "scope_mismatch", "count_mismatch", "unit_error"
_ASK = "须补明细说明差额（未立项、未拨付、撤销或另有支出）"
# A partial claim (one cost of many) is compared only when it nearly makes up a line: 10 % either way.
NEAR = 10
# A row of these words alone, the programme's name left out, is the programme's money.
PLAIN_MONEY = ("经费", "资金", "专项经费", "项目经费", "拨款")


def claims_in_tree(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Claims recorded under a line, summed, against that line or the part of it they evidently speak of."""
    for line in case.tree.lines:
        held = [claim for claim in case.claims if claim.line is line]
        if not held:
            continue
        if case.tree.children(line):
            yield from compare_programme(case, line, held)
        else:
            yield from compare_leaf(line, held)


def compare_leaf(line: TreeLine, held: Sequence[Claim]) -> Iterator[Finding]:
    """The claims of a leaf make up its amount; a count is compared on its own, since units may differ."""
    figure = _mismatch(line, held)
    if figure is not None:
        yield _claim_finding(line, held, figure)
    counts = [claim.count for claim in held if claim.count is not None]
    if line.item_count is not None and counts and sum(counts) != line.item_count:
        yield _count_finding(line, held, sum(counts), same_cause=figure is not None)


def _mismatch(line: TreeLine, held: Sequence[Claim]) -> int | None:
    """The achieved total if it differs from the ledger, else the planned total if every claim has a plan."""
    planned = None if any(claim.target_fen is None for claim in held) else _total(held, "target_fen")
    for total in (_total(held, "fen"), planned):
        if total is not None and line.amount_fen is not None and total != line.amount_fen:
            return total
    return None


def _total(held: Sequence[Claim], field: str) -> int | None:
    values = [getattr(claim, field) for claim in held if getattr(claim, field) is not None]
    return sum(values) if values else None


def compare_programme(case: Case, line: TreeLine, held: Sequence[Claim]) -> Iterator[Finding]:
    """Planned against achieved on a line with parts: which part does each of the two figures cover?

    Planned = whole line and achieved = another scope is a mismatch of scopes at the line. An achieved figure
    that equals no scope is also a false claim, against the scope it comes nearest to.
    """
    target, actual = _total(held, "target_fen"), _total(held, "fen")
    if actual is None or line.amount_fen is None:
        return
    if _all_match(case, line, held):
        yield from _programme_count(case, line, held, actual)
        return
    if target in (None, actual):
        yield from _nearest_claim(case, line, held, actual)
        return
    near, known = _scope(case, line, actual), _scopes(case, line)
    if actual not in known:
        yield from _nearest_claim(case, line, held, actual)
    elif target not in known:
        yield _claim_finding(_scope(case, line, target), held, target)
    if target == line.amount_fen and (near is not line or actual in known):
        yield _scope_finding(line, near, held, target, actual)


def _programme_count(case: Case, line: TreeLine, held: Sequence[Claim], fen: int) -> Iterator[Finding]:
    """Where the money agrees, the items beside it must agree with the projects of the same scope."""
    scope = _scope(case, line, fen)
    holder = scope if scope.item_count is not None else case.tree.project_child(scope)
    counts = [claim.count for claim in held if claim.count is not None]
    if holder is not None and holder.item_count is not None and counts and sum(counts) != holder.item_count:
        yield _count_finding(holder, held, sum(counts), same_cause=False)


def _all_match(case: Case, line: TreeLine, held: Sequence[Claim]) -> bool:
    """Each claim, planned and achieved, is the figure of one and the same line (or of parts added up)."""
    known = {amount for below in case.tree.descendants(line) if (amount := below.amount_fen) is not None}
    if all(claim.target_fen in (None, claim.fen) and claim.fen in known for claim in held):
        return True
    target, actual = _total(held, "target_fen"), _total(held, "fen")
    return target in (None, actual) and actual in _scopes(case, line)


def _scopes(case: Case, line: TreeLine) -> set[int]:
    """Figures a claim on the line may rightly have: the line, any line below, any set of its direct parts."""
    amounts = [amount for child in case.tree.children(line) if (amount := child.amount_fen) is not None]
    sums = {0}
    for amount in amounts[:12]:
        sums |= {amount + other for other in sums}
    below = {amount for below in case.tree.descendants(line) if (amount := below.amount_fen) is not None}
    return (sums | below | {line.amount_fen}) - {0, None}


def _scope(case: Case, line: TreeLine, fen: int) -> TreeLine:
    """The line or the direct part whose amount comes nearest, in another unit before all; of equals the line itself."""
    candidates = [line, *(child for child in case.tree.children(line) if child.amount_fen is not None)]
    slips = [candidate for candidate in candidates if is_unit_slip(candidate.amount_fen, fen)]
    return min(slips or candidates, key=lambda candidate: abs(candidate.amount_fen - fen))


def _nearest_claim(case: Case, line: TreeLine, held: Sequence[Claim], fen: int) -> Iterator[Finding]:
    scope = _scope(case, line, fen)
    if scope.amount_fen != fen and fen not in _scopes(case, line):
        yield _claim_finding(scope, held, fen)


def _claim_finding(line: TreeLine, held: Sequence[Claim], fen: int) -> Finding:
    gap = fen - line.amount_fen
    slip = is_unit_slip(fen, line.amount_fen)
    parts = "+".join(f"{claim.label}{money(claim.fen)}" for claim in held if claim.fen is not None)
    sum_text = f"{parts}={money(fen)}" if len(held) > 1 else f"{held[0].label}{money(fen)}"
    counts = [claim.count for claim in held if claim.count is not None]
    named, missing = "", ""
    if len(held) == 1 and counts and line.item_count is not None:
        named = f"，{line.item_count}项"
        sum_text += f"／{counts[0]}项"
        short = counts[0] - line.item_count
        missing = f"、{'多' if short > 0 else '少'}{abs(short)}个项目" if short else ""
    cause = "数字相同而单位不同，疑为单位误写" if slip else f"{over_or_under(gap)}{missing}；{_ASK}"
    return Finding(
        rule=UNIT if slip else CLAIM,
        severity=ERROR,
        ref_code=line.code,
        statement=f"指标表{sum_text}，预算树{line.name}{money(line.amount_fen)}{named}",
        expected=line.amount_fen,
        found=fen,
        difference=gap,
        explanation=cause,
        places=("指标表 " + "、".join(claim.label for claim in held), f"预算树 {line.code}"),
    )


def _scope_finding(
    line: TreeLine, near: TreeLine, held: Sequence[Claim], target: int, actual: int
) -> Finding:
    label = "、".join(claim.label for claim in held)
    part = "部分子项" if near is line else near.name
    return Finding(
        rule=SCOPE,
        severity=ERROR,
        ref_code=line.code,
        statement=f"{label}：预期{money(target)}为{line.name}全线，实际{money(actual)}疑只计{part}",
        expected=target,
        found=actual,
        difference=actual - target,
        explanation=f"预期与实际口径不同，不可直接算完成率{actual * 100 // target}%",
        places=(f"指标表 {label}（预期）", f"指标表 {label}（实际）"),
    )


def _count_finding(line: TreeLine, held: Sequence[Claim], count: int, *, same_cause: bool) -> Finding:
    label = "、".join(claim.label for claim in held if claim.count is not None)
    gap = count - line.item_count
    cause = "；与同一项的金额差额同源的可能性大" if same_cause else ""
    return Finding(
        rule=COUNT,
        severity=WARNING,
        ref_code=line.code,
        statement=f"预算树{line.name}{line.item_count}项，指标表{label}对应{count}个",
        expected=line.item_count,
        found=count,
        difference=gap,
        explanation=f"{abs(gap)}项未说明{cause}",
        places=(f"预算树 {line.code}", f"指标表 {label}"),
    )


def copies_in_tree(case: Case, earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A claim recorded in the tree must be the figure the table gives."""
    reported = {finding.ref_code for finding in earlier if finding.rule in (CLAIM, SCOPE)}
    for row in case.input_rows():
        claim = case.claim_of(row)
        if claim is None:
            continue
        stated = (fen_of(row.target_value, row.unit), fen_of(row.actual_value, row.unit))
        for column, table, tree in zip(
            ("预期", "实际"), stated, (claim.target_fen, claim.actual_fen), strict=True
        ):
            if None in (table, tree) or table == tree:
                continue
            yield _copy_finding(row, claim, column, table, tree, known=claim.line.code in reported)
            break


def _copy_finding(
    row: IndicatorRow, claim: Claim, column: str, table: int, tree: int, *, known: bool
) -> Finding:
    also = "；该项另有金额差错，请一并核对" if known else ""
    return Finding(
        rule=CLAIM,
        severity=ERROR,
        ref_code=claim.line.code,
        statement=f"指标表“{row.name}”{column}{money(table)}，预算树登记的同一指标为{money(tree)}",
        expected=tree,
        found=table,
        difference=table - tree,
        explanation=f"同一指标两处数字不同，须以指标表原件更正登记{also}",
        places=(f"指标表 {row.name}", f"预算树 {claim.line.code} 下的指标登记"),
    )


def claims_in_table(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Money rows of programmes for which the tree records no claims, against the line they belong to."""
    taken = {claim.line.code for claim in case.claims}
    groups: dict[str, list[IndicatorRow]] = {}
    for row in case.input_rows():
        if case.is_named_in_tree(row):
            groups.setdefault(case.home_code(row), []).append(row)
    for code, rows in groups.items():
        line = case.tree.by_code[code]
        around = [line, *case.tree.descendants(line)]
        if not taken & {near.code for near in around}:
            yield from _compare_rows(case, line, rows)


def _compare_rows(case: Case, line: TreeLine, rows: Sequence[IndicatorRow]) -> Iterator[Finding]:
    totals = [row for row in rows if _is_total(case.label(row))]
    for row in totals:
        yield from _compare(case, line, [_with_counts(case, _row_claim(case, line, row), row)])
    loose = []
    for row in rows:
        leaf = _same_named_leaf(case, line, row)
        if row in totals:
            continue
        if leaf is None:
            loose.append(row)
        else:
            yield from compare_leaf(leaf, [_row_claim(case, leaf, row)])
    held = [_row_claim(case, line, row) for row in loose]
    if held and not totals and _nearly_a_scope(case, line, _total(held, "fen") or 0):
        yield from _compare(case, line, held)


def _is_total(label: str) -> bool:
    return label.endswith(TOTAL_LABELS) or label in PLAIN_MONEY


def _compare(case: Case, line: TreeLine, held: Sequence[Claim]) -> Iterator[Finding]:
    if case.tree.children(line):
        yield from compare_programme(case, line, held)
    else:
        yield from compare_leaf(line, held)


def _row_claim(case: Case, line: TreeLine, row: IndicatorRow) -> Claim:
    """A ceiling (at_most) claims its ceiling: spending less than planned contradicts nothing."""
    target, actual = (fen_of(value, row.unit) for value in (row.target_value, row.actual_value))
    return Claim(case.label(row), line, target, None if row.direction == AT_MOST else actual)


def _with_counts(case: Case, claim: Claim, row: IndicatorRow) -> Claim:
    """The projects the same programme counts beside its money."""
    beside = [r for r in case.rows if r.programme == row.programme and PROJECT_COUNT.search(case.label(r))]
    if len(beside) != 1:
        return claim
    planned, achieved = count_of([beside[0].target_value]), count_of([beside[0].actual_value])
    return replace(claim, target_count=planned, actual_count=achieved)


def _same_named_leaf(case: Case, line: TreeLine, row: IndicatorRow) -> TreeLine | None:
    """The one leaf below the line that bears the row's label, the programme's own words left out."""
    above, label = core(line.name), core(case.label(row))
    matching = []
    for leaf in case.tree.leaves(line):
        own = core(leaf.name)
        common = shared(above, own)
        own = own.replace(common, "") if len(common) >= 2 else own
        if len(own) >= 2 and len(label) >= 2 and (own in label or label in own) and leaf is not line:
            matching.append(leaf)
    return matching[0] if len(matching) == 1 else None


def _nearly_a_scope(case: Case, line: TreeLine, fen: int) -> bool:
    if line.amount_fen is None:
        return False
    scope = _scope(case, line, fen)
    near = abs(scope.amount_fen - fen) * NEAR <= scope.amount_fen
    return near or is_unit_slip(fen, line.amount_fen)
