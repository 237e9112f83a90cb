"""Prizes by tier: numbers and sums of the tiers against their totals, in the text and in the table."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from fund.reconciliation.case import Case, count_of
from fund.reconciliation.findings import ERROR, WARNING, Finding, money, over_or_under
from fund.records import IndicatorRow
from fund.wording import FEN_PER_UNIT

COUNT, SUM, DERIVED = "count_mismatch", "sum_mismatch", "derived_check"
_STOP = re.compile(r"[。！？]")
_UNITS = "个|项|家|户|人|名|支|团"
_SINGLE = re.compile(
    rf"(\d+)\s*({_UNITS})[^，,。；;\d]{{0,6}}[，,（(]?\s*(?:每(?:{_UNITS})|各)[^，,。；;\d]{{0,8}}(\d+(?:\.\d+)?)\s*(亿元|万元|元)"
)
_TOTAL = re.compile(r"(?:共计|合计|总计|总额|共)[^，,。；;\d]{0,6}(\d+(?:\.\d+)?)\s*(亿元|万元|元)")
_TIER = r"(?:特等奖|[一二三四]等奖|优秀奖|优胜奖|鼓励奖|入围奖)"
_TIER_COUNT = re.compile(rf"({_TIER})[^，,、。；;\d]{{0,4}}(\d+)\s*({_UNITS})")
_TIER_MONEY = re.compile(rf"({_TIER})[^，,、。；;\d每各]{{0,6}}(\d+(?:\.\d+)?)\s*(亿元|万元|元)")
_WHOLE_COUNT = re.compile(rf"(\d+)\s*({_UNITS})[^，,。；;\d]{{0,8}}$")
_WHOLE_MONEY = re.compile(r"(\d+(?:\.\d+)?)\s*(亿元|万元|元)[^，,。；;\d]{0,8}$")
_OPEN_LIST = re.compile(rf"\d\s*(?:{_UNITS}|亿元|万元|元)(?:奖金)?等(?!奖)")
_WINNERS = re.compile(r"获奖|奖励(?:企业|单位|团队|项目|人数|数)|得奖")
# First, second and third prize at least: with fewer tiers named the list is no full breakdown.
MIN_TIERS = 3


def priced_tiers(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """'…2名，每名50万元；…4名，每名30万元，共220万元': the tiers together make the total."""
    for sentence in _sentences(case):
        tiers, totals = _SINGLE.findall(sentence), _TOTAL.findall(sentence)
        if len(tiers) < 2 or len(totals) != 1:
            continue
        expected = sum(int(count) * _fen(price, unit) for count, _, price, unit in tiers)
        stated = _fen(*totals[0])
        if expected != stated:
            parts = "+".join(f"{count}{unit}×{price}{scale}" for count, unit, price, scale in tiers)
            figures = (expected, stated)
            yield _finding(
                case, DERIVED, f"{parts}={money(expected)}，正文称{money(stated)}", figures, sentence
            )


def text_tiers(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """'55家，其中一等奖3家、二等奖6家、三等奖…': the parts of a whole that is broken down by tier."""
    for sentence in _sentences(case):
        whole, split, parts = sentence.partition("其中")
        if not split or _OPEN_LIST.search(parts):
            continue
        yield from _counted(case, sentence, whole, parts)
        yield from _paid(case, sentence, whole, parts)


def _counted(case: Case, sentence: str, whole: str, parts: str) -> Iterator[Finding]:
    total = _WHOLE_COUNT.search(whole.rstrip("，,（(：: "))
    tiers = [
        (name, int(count)) for name, count, unit in _TIER_COUNT.findall(parts) if total and unit == total[2]
    ]
    if not total or len({name for name, _ in tiers}) < MIN_TIERS or len(dict(tiers)) != len(tiers):
        return
    found = sum(count for _, count in tiers)
    if found != int(total[1]):
        shown = "+".join(f"{name}{count}" for name, count in tiers)
        said = f"{shown}={found}{total[2]}，正文称共{total[1]}{total[2]}"
        yield _finding(case, COUNT, said, (int(total[1]), found), sentence)


def _paid(case: Case, sentence: str, whole: str, parts: str) -> Iterator[Finding]:
    total, tiers = _WHOLE_MONEY.search(whole.rstrip("，,（(：: ")), _TIER_MONEY.findall(parts)
    if not total or len({name for name, _, _ in tiers}) < MIN_TIERS:
        return
    expected, found = _fen(total[1], total[2]), sum(_fen(value, unit) for _, value, unit in tiers)
    if expected != found:
        shown = "+".join(f"{name}{value}{unit}" for name, value, unit in tiers)
        said = f"{shown}={money(found)}，正文称共{money(expected)}"
        yield _finding(case, SUM, said, (expected, found), sentence)


def table_tiers(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Rows that count the tiers of one programme against its one row that counts all winners."""
    for programme in dict.fromkeys(row.programme for row in case.rows):
        rows = [row for row in case.rows if row.programme == programme]
        tiers = [row for row in rows if re.search(_TIER, case.label(row)) and count_of([row.actual_value])]
        totals = [row for row in rows if row not in tiers and _WINNERS.search(case.label(row))]
        totals = [row for row in totals if tiers and row.unit == tiers[0].unit]
        names = {re.search(_TIER, case.label(row))[0] for row in tiers}
        if len(totals) == 1 and MIN_TIERS <= len(names) == len(tiers) and _same_unit(tiers):
            yield from _compare(case, tiers, totals[0])


def _same_unit(rows: Sequence[IndicatorRow]) -> bool:
    return len({row.unit for row in rows}) == 1


def _compare(case: Case, tiers: Sequence[IndicatorRow], total: IndicatorRow) -> Iterator[Finding]:
    expected, found = count_of([total.actual_value]), count_of([row.actual_value for row in tiers])
    if None in (expected, found) or expected == found:
        return
    shown = "+".join(f"{case.label(row)}{row.actual_value}" for row in tiers)
    yield Finding(
        rule=COUNT,
        severity=WARNING,
        ref_code=case.home_code(total),
        statement=f"{shown}={found}，{case.label(total)}{expected}{total.unit}",
        expected=expected,
        found=found,
        difference=found - expected,
        explanation="各奖项数量之和与获奖总数不符，须更正一处",
        places=(f"指标表 {total.name}", "指标表 " + "、".join(row.name for row in tiers)),
    )


def _sentences(case: Case) -> Iterator[str]:
    """Up to the full stop: tiers are listed across semicolons."""
    for paragraph in case.report.paragraphs if case.report else ():
        yield from (sentence.strip() for sentence in _STOP.split(paragraph) if sentence.strip())


def _fen(value: str, unit: str) -> int:
    return int(Decimal(value) * FEN_PER_UNIT[unit])


def _finding(case: Case, rule: str, statement: str, figures: tuple[int, int], sentence: str) -> Finding:
    expected, found = figures
    gap = found - expected
    size = f"{abs(gap)}项" if rule == COUNT else over_or_under(gap)
    return Finding(
        rule=rule,
        severity=ERROR if rule == SUM else WARNING,
        ref_code=case.tree.root_code,
        statement=statement,
        expected=expected,
        found=found,
        difference=gap,
        explanation=f"相差{size}；各奖项与总数须有一处更正",
        places=(f"正文“{sentence}”",),
    )
