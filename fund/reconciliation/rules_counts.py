"""Numbers of items that must agree: projects in the table and in the tree, partners of a one-to-one scheme."""

import re
from collections.abc import Iterator, Sequence

from fund.reconciliation.case import Case, count_of
from fund.reconciliation.findings import WARNING, Finding
from fund.records import CARRYOVER_PROJECTS, NEW_PROJECTS, IndicatorRow, TreeLine
from fund.wording import (
    CHINESE_NUMBER,
    ITEM_UNITS,
    PROJECT_COUNT,
    chinese_int,
    shared,
    without_brackets,
)

COUNT, CLAIM = "count_mismatch", "claim_vs_ledger"
_CARRIED = re.compile(r"结转|续建|延续|跨年")
_FINISHED = re.compile(r"验收|结题|完成|申报|受理|评审|入库|推荐")
_ONE_TO_ONE = re.compile(
    r"一一对应|一对一(?:的)?(?:结对|帮扶|对应)|一[^一\s，。]一[^一\s，。](?:制|的)?(?:对应|结对|帮扶)"
)
_PAIRED_LABEL = re.compile(r"结对|对口|一对一")
_KINDS = re.compile(
    rf"分(?:为|成|设)?\s*(\d{{1,2}}|{CHINESE_NUMBER})\s*(?:大)?(?:类|块|个(?:子)?(?:专项|计划|部分))"
)
_FORMED_LABEL = re.compile(r"组建|成立|派出|选派")
# Programmes only placed by the report's sections may be some of several; compare when they nearly add up.
NEAR_PERCENT = 20
MIN_SHARED = 3


def project_counts(case: Case, earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Rows that count a line's projects, added up, against the line's new, carried-over or all projects."""
    done = {finding.ref_code for finding in earlier if finding.rule in (COUNT, CLAIM)}
    groups: dict[str, list[IndicatorRow]] = {}
    for row in case.rows:
        label = case.label(row)
        if case.home(row) and PROJECT_COUNT.search(label) and not _FINISHED.search(label):
            groups.setdefault(case.home_code(row), []).append(row)
    for code, rows in groups.items():
        line = case.tree.by_code[code]
        kind = CARRYOVER_PROJECTS if all(_CARRIED.search(case.label(row)) for row in rows) else NEW_PROJECTS
        holder = case.tree.project_child(line, kind) or (line if line.item_count is not None else None)
        if holder and holder.code not in done and not _claims_counted(case, line):
            yield from _compare_projects(case, line, holder, rows)


def _claims_counted(case: Case, line: TreeLine) -> bool:
    """The tree records the counts claimed for this line: they were compared with the money."""
    return any(claim.count is not None and line in case.tree.path(claim.line) for claim in case.claims)


def _compare_projects(
    case: Case, line: TreeLine, holder: TreeLine, rows: Sequence[IndicatorRow]
) -> Iterator[Finding]:
    total = count_of([row.actual_value for row in rows])
    if total is None or holder.item_count is None or total in _item_scopes(case, line, holder):
        return
    gap = total - holder.item_count
    direct = all(case.is_named_in_tree(row) for row in rows)
    if not direct and abs(gap) * 100 > NEAR_PERCENT * holder.item_count:
        return
    parts = "+".join(f"{case.label(row)}{row.actual_value}{row.unit}" for row in rows)
    yield Finding(
        rule=COUNT,
        severity=WARNING,
        ref_code=holder.code,
        statement=f"{holder.name}{holder.item_count}项；指标表{parts}={total}",
        expected=holder.item_count,
        found=total,
        difference=gap,
        explanation=f"{abs(gap)}项未说明（可能为未设指标的培训、研修等项目，或漏计、重计）",
        places=(f"预算树 {holder.code}", "指标表 " + "、".join(row.name for row in rows)),
    )


def _item_scopes(case: Case, line: TreeLine, holder: TreeLine) -> set[int]:
    """Counts the rows may rightly reach: any line with a count in the programme, or all its projects."""
    around = [holder, line, *case.tree.descendants(line)]
    counts = {near.item_count for near in around if near.item_count is not None}
    kinds = (case.tree.project_child(line, kind) for kind in (NEW_PROJECTS, CARRYOVER_PROJECTS))
    return counts | {sum(child.item_count or 0 for child in kinds if child)}


def pairings(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Where the report or a label speaks of a one-to-one scheme, both sides must count the same."""
    groups: dict[str, list[IndicatorRow]] = {}
    for row in case.rows:
        if row.unit in ITEM_UNITS and count_of([row.actual_value]) is not None and case.home(row):
            groups.setdefault(case.home_code(row), []).append(row)
    for code, rows in groups.items():
        partners = _partners(case, rows)
        if len({row.actual_value for row in partners}) > 1:
            yield _pairing_finding(case, case.tree.by_code[code], partners)


def _partners(case: Case, rows: Sequence[IndicatorRow]) -> list[IndicatorRow]:
    """Rows that share wording with a one-to-one sentence, else rows whose labels say formed and paired."""
    for sentence in case.report.sentences if case.report else ():
        if _ONE_TO_ONE.search(sentence):
            named = [row for row in rows if len(shared(case.label(row), sentence)) >= MIN_SHARED]
            if len(named) > 1:
                return named
    paired = [row for row in rows if _PAIRED_LABEL.search(case.label(row))]
    formed = [row for row in rows if _FORMED_LABEL.search(case.label(row))]
    return formed + [row for row in paired if row not in formed] if paired and formed else []


def _pairing_finding(case: Case, line: TreeLine, partners: Sequence[IndicatorRow]) -> Finding:
    values = [int(row.actual_value) for row in partners]
    holder = case.tree.project_child(line)
    ledger = holder.item_count if holder else None
    expected = ledger if ledger in values else max(values)
    found = next(value for value in values if value != expected)
    parts = "；".join(f"{case.label(row)}{row.actual_value}{row.unit}" for row in partners)
    beside = f"；预算树{holder.name}{ledger}项" if ledger is not None else ""
    return Finding(
        rule=COUNT,
        severity=WARNING,
        ref_code=holder.code if ledger is not None else line.code,
        statement=f"{parts}{beside}",
        expected=expected,
        found=found,
        difference=found - expected,
        explanation="一一对应关系下应相等",
        places=tuple(f"指标表 {row.name}" for row in partners),
    )


def kinds_in_text(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """'专项分三类，即…': as many as the line has children, where the text goes on to name at least two of them."""
    if case.report is None:
        return
    for section, paragraph in case.report.placed:
        match = _KINDS.search(paragraph)
        line = match and _parted(case, section, paragraph[: match.start()])
        if not line:
            continue
        parts = case.tree.children(line)
        named = [part for part in parts if without_brackets(part.name) in paragraph[match.end() :]]
        told = chinese_int(match[1])
        if len(named) >= 2 and told not in (len(parts), len(named)):
            yield Finding(
                rule=COUNT,
                severity=WARNING,
                ref_code=line.code,
                statement=f"正文称{line.name}“{match[0]}”，预算树下设{len(parts)}项",
                expected=len(parts),
                found=told,
                difference=told - len(parts),
                explanation="正文的分类数与预算树不同，须核对是否漏列或多列",
                places=(f"正文“{paragraph[: match.end()][-40:]}”", f"预算树 {line.code}"),
            )


def _parted(case: Case, section: TreeLine | None, before: str) -> TreeLine | None:
    """The line named last before the number of its parts, else that of the section, else the only root."""
    named = [
        (before.rindex(name), len(name), line)
        for line in case.tree.lines
        if case.tree.children(line) and (name := without_brackets(line.name)) in before
    ]
    roots = case.tree.roots
    return (
        max(named, key=lambda each: each[:2])[2]
        if named
        else section or (roots[0] if len(roots) == 1 else None)
    )
