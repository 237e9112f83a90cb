"""Figures of the indicator table quoted in the report text: the same words, the same unit, another number."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

from fund.reconciliation.case import Case, count_of, fen_of
from fund.reconciliation.findings import ERROR, WARNING, Finding, money, over_or_under
from fund.reconciliation.report import YEAR, spans_years
from fund.records import IndicatorRow
from fund.wording import (
    MONEY_UNITS,
    Quantity,
    numbers,
    plain,
    quantities,
    without_brackets,
    without_count_suffix,
)

CLAIM, COUNT = "claim_vs_ledger", "count_mismatch"
MIN_LABEL = 4
_LINK = re.compile(r"(?:总数|数量|个数|人数|家数)?(?:为|是|达到|达|共计|共|合计|计|完成|：|:)?\s*")
_CLAUSE = re.compile(r"[，,；;。、：（）()]")
# Beside these words a figure speaks of a part, a rate, a plan or another year.
_OTHER = re.compile(
    r"其中|每|平均|人均|户均|上年|去年|往年|上一?届|同比|较|增加|新增|减少|累计|计划|拟|预计|预期|目标|力争|到20|历年|以上|余|约|左右"
)


def quoted_rows(case: Case, earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A row's full label directly followed by a figure in the row's unit that is neither planned nor achieved.

    A figure that stands for a line of the tree, or was held against one, is no quotation of the table.
    """
    if case.report is None:
        return
    labels = [(label, row) for row in case.rows for label in [_label(case, row)] if label]
    alike: dict[str, int] = {}
    for label, _ in labels:
        alike[label] = alike.get(label, 0) + 1
    settled = {finding.found for finding in earlier} | {line.amount_fen for line in case.tree.lines}
    seen: set[tuple[str, object]] = set()
    for label, row in labels:
        for sentence, quantity in _quotes(case, label, row) if alike[label] == 1 else ():
            if quantity.is_money and quantity.fen in settled:
                continue
            if (label, quantity.value) not in seen and not _agrees(row, quantity):
                seen.add((label, quantity.value))
                yield _finding(case, row, sentence, quantity)


def _label(case: Case, row: IndicatorRow) -> str:
    """The words to look for: without brackets and counting ending; too short or valueless rows have none."""
    label = without_count_suffix(without_brackets(case.label(row)))
    stated = row.actual_value is not None and bool(row.unit) and "/" not in row.unit and row.unit not in "%％"
    return label if stated and len(label) >= MIN_LABEL else ""


def _quotes(case: Case, label: str, row: IndicatorRow) -> Iterator[tuple[str, Quantity]]:
    for sentence in case.report.sentences:
        if label not in sentence or spans_years(sentence) or _of_another_year(case, sentence):
            continue
        for clause in _CLAUSE.split(sentence):
            before, named, behind = clause.partition(label)
            if not named or _OTHER.search(_without_names(case, row, before)) or _OTHER.search(behind):
                continue
            figure = next(iter(quantities(behind)), None)
            if figure and _same_unit(row, figure) and _LINK.fullmatch(behind[: figure.start]):
                yield sentence, figure


def _without_names(case: Case, row: IndicatorRow, text: str) -> str:
    """'计划' at the end of a programme's name is no plan."""
    for name in (row.programme, *(without_brackets(line.name) for line in case.tree.lines)):
        text = text.replace(name, "")
    return text


def _of_another_year(case: Case, sentence: str) -> bool:
    years = YEAR.findall(sentence)
    return bool(years) and case.report.year not in years


def _same_unit(row: IndicatorRow, figure: Quantity) -> bool:
    return figure.unit == row.unit or (figure.unit in MONEY_UNITS and row.unit in MONEY_UNITS)


def _agrees(row: IndicatorRow, figure: Quantity) -> bool:
    values = (row.target_value, row.actual_value)
    if figure.is_money:
        return figure.fen in [fen_of(value, row.unit) for value in values]
    return figure.value in values


def _finding(case: Case, row: IndicatorRow, sentence: str, quoted: Quantity) -> Finding:
    is_money = quoted.is_money
    expected = fen_of(row.actual_value, row.unit) if is_money else count_of([row.actual_value])
    found = quoted.fen if is_money else count_of([quoted.value])
    gap = None if None in (expected, found) else found - expected
    size = over_or_under(gap) if is_money else f"相差{abs(gap) if gap is not None else ''}{row.unit}"
    told = money(expected) if is_money else f"{row.actual_value}{row.unit}"
    return Finding(
        rule=CLAIM if is_money else COUNT,
        severity=ERROR if is_money else WARNING,
        ref_code=case.home_code(row),
        statement=f"报告正文“{row.name}”{quoted.text}，指标表{told}",
        expected=expected,
        found=found,
        difference=gap,
        explanation=f"{size}；正文与指标表须有一处更正",
        places=(f"正文“{sentence}”", f"指标表 {row.name}"),
    )


def printed_rows(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """The table printed in the report (name, target, result, one below the other) against the table filed."""
    if case.report is None:
        return
    named = Counter(_squeezed(row.name) for row in case.rows)
    for row in case.rows:
        if named[_squeezed(row.name)] == 1:
            yield from islice(_printed(case, row), 1)


def _printed(case: Case, row: IndicatorRow) -> Iterator[Finding]:
    """The result first: where both differ, one finding is enough."""
    lines = case.report.paragraphs
    places = [place for place, line in enumerate(lines[:-2]) if _squeezed(line) == _squeezed(row.name)]
    if len(places) != 1:
        return
    target, result = lines[places[0] + 1 : places[0] + 3]
    columns = (
        ("实际值", row.actual_value, row.actual_text, result),
        ("预期值", row.target_value, row.target_text, target),
    )
    for column, filed, told, printed in columns:
        said = numbers(printed)
        if filed is not None and len(said) == 1 and said[0] not in (filed, *numbers(plain(told))):
            yield from _printed_otherwise(case, row, column, filed, told, printed)


def _printed_otherwise(
    case: Case, row: IndicatorRow, column: str, filed: Decimal, told: str, printed: str
) -> Iterator[Finding]:
    quoted, unit = quantities(printed)[0], row.unit.partition("/")[0]
    expected, found = _whole(filed), _whole(quoted.value)
    if quoted.is_money and fen_of(filed, unit) is not None:
        expected, found = fen_of(filed, unit), quoted.fen
    if expected == found:
        return
    yield Finding(
        rule=CLAIM if unit in (*MONEY_UNITS, "%", "") else COUNT,
        severity=WARNING,
        ref_code=case.home_code(row),
        statement=f"正文所附自评表“{row.name}”{column}“{printed}”，指标表为“{told}”",
        expected=expected,
        found=found,
        difference=found - expected,
        explanation="同一张表两处数字不同，须以原件更正一处",
        places=(f"正文所附自评表 {row.name}（{column}）", f"指标表 {row.name}"),
    )


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _whole(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value
