"""Periods, editions, goals of several years and regional denominators, across text and table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fund.reconciliation.case import Case, count_of
from fund.reconciliation.findings import INFO, WARNING, Finding
from fund.reconciliation.ledger import Tree
from fund.reconciliation.report import spans_years
from fund.records import IndicatorRow, TreeLine
from fund.wording import CHINESE_NUMBER, bare_label, chinese_int, plain, quantities, shared

_TERM = r"(?:执行期|实施期|建设期|实施周期|执行周期|项目周期|研究期|实施期限|执行期限)"
_NUMBER = rf"(?<![\d零〇一二三四五六七八九十])(\d{{1,3}}|{CHINESE_NUMBER})"
_YEARS = re.compile(rf"{_NUMBER}(?:\s*(?:-|—|－|~|～|至|到)\s*{_NUMBER})?\s*(年|个月)")
_TERM_TEXT = re.compile(rf"{_TERM}[^。；，,\d]{{0,6}}?{_YEARS.pattern}")

_FORMER = re.compile(r"(?:上一?年度?|去年|往年|前一年|上一?届)[^。；]{0,20}(?:获奖|奖励|奖金|优胜)")
_PENDING = re.compile(
    r"(?:尽快|尚未|未能|拟于|将于|计划于|即将|有待|待)[^。；，]{0,8}?(?:启动|举办|召开|举行|开展|组织|进行)"
    r"[^。；，]{0,12}?(?:决赛|大赛|比赛|颁奖|评奖|评选)"
)
_EDITION = re.compile(r"第[一二三四五六七八九十\d]+届")
_AWARD = re.compile(r"奖")

_REGION = re.compile(
    r"(?<![\d.])(\d+)\s*个((?:贫困|重点|边境|脱贫|试点|示范)?(?:地区赛|赛区|[省地州市盟县区旗乡镇]{1,4}))"
    r"(?![域块段位级场面值民长直点方道化别委域])"
)
_PREFECTURE = re.compile(r"[省地州盟]|赛区")
_SUBSET = re.compile(r"其中[^，。；）)]*$")


@dataclass(frozen=True)
class _Term:
    """A stated duration in months, from low to high, with the line it is said of (None: projects at large)."""

    low: int
    high: int
    line: TreeLine | None
    quote: str
    place: str


def periods(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """The same projects run for one period: text against table, and rows of one programme against each other."""
    spoken = list(_text_terms(case))
    rows = [term for row in case.rows if (term := _row_term(case, row))]
    reported: set[tuple[str, int]] = set()
    for index, term in enumerate(rows):
        others = [other for other in spoken if _same_scope(case.tree, other.line, term.line)]
        others += [other for other in rows[:index] if other.line is term.line and term.line]
        clash = next((other for other in others if term.high < other.low or term.low > other.high), None)
        code = term.line.code if term.line else case.tree.root_code
        if clash and (code, term.high) not in reported:
            reported.add((code, term.high))
            yield _period_finding(code, clash, term)


def _text_terms(case: Case) -> Iterator[_Term]:
    for line, sentence in case.report.placed_sentences if case.report else ():
        for match in _TERM_TEXT.finditer(sentence):
            low, high = _months(match[1], match[2], match[3])
            yield _Term(low, high, line, match[0], "正文")


def _row_term(case: Case, row: IndicatorRow) -> _Term | None:
    label, text = case.label(row), plain(row.target_text or row.actual_text)
    match = _YEARS.search(text)
    if not match or not re.search(_TERM, label + text):
        return None
    low, high = _months(match[1], match[2], match[3])
    return _Term(low, high, case.home(row), text, f"指标表 {row.name}")


def _months(low: str, high: str | None, unit: str) -> tuple[int, int]:
    factor = 12 if unit == "年" else 1
    first = chinese_int(low) * factor
    return first, chinese_int(high) * factor if high else first


def _same_scope(tree: Tree, one: TreeLine | None, other: TreeLine | None) -> bool:
    if one is None or other is None:
        return True
    return one in tree.path(other) or other in tree.path(one)


def _period_finding(code: str, said: _Term, filed: _Term) -> Finding:
    in_years = said.high % 12 == 0 and filed.high % 12 == 0
    expected, found = (value // 12 if in_years else value for value in (said.high, filed.high))
    unit = "年" if in_years else "个月"
    return Finding(
        rule="period_mismatch",
        severity=WARNING,
        ref_code=code,
        statement=f"{said.place}“{said.quote}”，{filed.place}“{filed.quote}”",
        expected=expected,
        found=found,
        difference=found - expected,
        explanation=f"同一专项执行期两种说法（单位：{unit}），须以任务书为准",
        places=(said.place, filed.place),
    )


def editions(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Awards reported as complete while the text pays a former edition or still awaits this one's final."""
    if case.report is None:
        return
    awards = [row for row in case.rows if _is_complete_award(case, row)]
    former = [s for s in case.report.sentences if _FORMER.search(s)]
    pending = [s for s in case.report.sentences if _PENDING.search(s)]
    names_edition = any(_EDITION.search(sentence) for sentence in case.report.sentences)
    if not awards or not (pending or (former and names_edition)):
        return
    said = [match[0] for s in former for match in [_FORMER.search(s)] if match]
    awaited = [match[0] for s in pending for match in [_PENDING.search(s)] if match]
    line = case.tree.common(home for row in awards if (home := case.home(row)))
    figures = "、".join(f"{case.label(row)}{row.actual_text}" for row in awards)
    quotes = "；".join(f"“{quote}”" for quote in (*said, *awaited))
    yield Finding(
        rule="edition_vs_year",
        severity=WARNING,
        ref_code=line.code if line else case.tree.root_code,
        statement=f"正文{quotes}，而{figures}已按全额完成填报",
        explanation="预算年度与赛事届次必须分设字段，并逐笔标注资金对应届次",
        places=("正文", "指标表 " + "、".join(row.name for row in awards)),
    )


def _is_complete_award(case: Case, row: IndicatorRow) -> bool:
    values = (row.target_value, row.actual_value)
    if None in values or row.actual_value < row.target_value or not _AWARD.search(case.label(row)):
        return False
    return "赛" in row.programme + row.name


@dataclass(frozen=True)
class _Coverage:
    noun: str
    values: frozenset[int]
    line: TreeLine | None


def coverage(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """One kind of region, several totals: '8个地市' here, '9个地市' there. Subsets (其中) are no totals.

    Prefectures are few and fixed, so their totals must agree everywhere; counties and below only within one
    programme.
    """
    stated = list(_stated_coverage(case))
    disputed = [one.noun for one in stated if any(_disagree(case.tree, one, other) for other in stated)]
    if not disputed:
        return
    figures = dict.fromkeys(f"{value}个{one.noun}" for one in stated for value in sorted(one.values))
    yield Finding(
        rule="coverage_denominator",
        severity=WARNING,
        ref_code=case.tree.root_code,
        statement="；".join(figures),
        explanation=f"{'、'.join(dict.fromkeys(disputed))}口径不一，须以区划代码清单代替手填数字",
        places=("正文", "指标表"),
    )


def _stated_coverage(case: Case) -> Iterator[_Coverage]:
    """Planned and achieved figures of one row are one statement, not two."""
    for line, sentence in case.report.placed_sentences if case.report else ():
        for noun, value in _regions(sentence):
            yield _Coverage(noun, frozenset({value}), line)
    for row in case.rows:
        found: dict[str, set[int]] = {}
        for noun, value in (*_regions(row.target_text), *_regions(row.actual_text)):
            found.setdefault(noun, set()).add(value)
        for noun, values in found.items():
            yield _Coverage(noun, frozenset(values), case.home(row))


def _disagree(tree: Tree, one: _Coverage, other: _Coverage) -> bool:
    if one.noun != other.noun or one.values & other.values:
        return False
    return bool(_PREFECTURE.search(one.noun)) or _same_scope(tree, one.line, other.line)


def _regions(text: str) -> Iterator[tuple[str, int]]:
    source, first = plain(text), None
    for match in _REGION.finditer(source):
        first = match.start() if first is None else first
        subset = _SUBSET.search(source[: match.start()])
        if not (subset and first < subset.start()):
            yield match[2], int(match[1])


def goals(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Goals of several years beside a yearly row of the same matter, with no yearly share stated with them."""
    matches: dict[str, list[tuple[str, IndicatorRow]]] = {}
    for sentence in case.report.sentences if case.report else ():
        if spans_years(sentence):
            code, pairs = _goals_of(case, sentence)
            matches.setdefault(code, []).extend(pairs)
    for code, pairs in matches.items():
        if not pairs:
            continue
        said = "、".join(dict.fromkeys(goal for goal, _ in pairs))
        filed = "、".join(dict.fromkeys(f"{case.label(row)}{row.target_text}" for _, row in pairs))
        yield Finding(
            rule="goal_vs_year",
            severity=INFO,
            ref_code=code,
            statement=f"正文跨年目标{said}；当年指标{filed}",
            explanation="跨年目标与年度目标须分列并累计",
            places=("正文", "指标表 " + "、".join(dict.fromkeys(row.name for _, row in pairs))),
        )


def _goals_of(case: Case, sentence: str) -> tuple[str, list[tuple[str, IndicatorRow]]]:
    """A sentence sets the goals of one programme: the one most of whose rows it speaks of, of equals the first."""
    lines: dict[str, list[tuple[str, IndicatorRow]]] = {}
    for row in case.rows:
        goal = _goal_for(case, row, sentence)
        if goal:
            lines.setdefault(case.home_code(row), []).append((goal, row))
    return max(lines.items(), key=lambda item: len(item[1]), default=("", []))


def _goal_for(case: Case, row: IndicatorRow, sentence: str) -> str | None:
    """The clause of the sentence that sets a higher figure for what the row counts, in the row's unit."""
    planned = count_of([row.target_value])
    label = bare_label(row.name, row.programme)
    if planned is None or planned == 0 or _says(sentence, planned, row.unit):
        return None
    for clause in re.split(r"[，。；]", sentence):
        if len(shared(label, clause)) < 3:
            continue
        figures = [q for q in quantities(clause) if q.unit == row.unit and q.value > planned]
        if figures:
            return clause[figures[0].start :]
    return None


def _says(sentence: str, value: int, unit: str) -> bool:
    return any(q.value == Decimal(value) and q.unit == unit for q in quantities(sentence))
