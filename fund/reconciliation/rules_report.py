"""Figures of the report text against the tree: amounts, item counts, and units that cannot be."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from fund.reconciliation.case import Case, fen_of
from fund.reconciliation.findings import ERROR, INFO, WARNING, Finding, money, over_or_under
from fund.reconciliation.ledger import Tree
from fund.reconciliation.mentions import AMOUNT, COUNT, UNIT_ERROR, UNIT_MISSING, Mention, mentions
from fund.records import IndicatorRow, TreeLine
from fund.wording import (
    FEN_PER_UNIT,
    INCOME_WORDS,
    INPUT_WORDS,
    ITEM_UNITS,
    Quantity,
    numbers,
    plain,
    quantities,
)

CLAIM, COUNTS = "claim_vs_ledger", "count_mismatch"
_USUAL_UNIT = "万元"
_SCALES = tuple(10**power for power in (1, 2, 3, 4, 5, 6, 8))


def text_amounts(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """An amount the text gives for a line must be the line's amount; a slip of scale is a wrong unit."""
    for mention in _distinct(case, AMOUNT):
        line, fen = mention.line, mention.quantity.fen
        if line.amount_fen is None or fen == line.amount_fen:
            continue
        if is_scale_slip(fen, line.amount_fen):
            yield _scale_finding(mention, fen)
            continue
        gap = fen - line.amount_fen
        yield Finding(
            rule=CLAIM,
            severity=ERROR,
            ref_code=line.code,
            statement=f"报告正文{line.name}{mention.quantity.text}，预算树{money(line.amount_fen)}",
            expected=line.amount_fen,
            found=fen,
            difference=gap,
            explanation=f"{over_or_under(gap)}；正文与预算树须以批复文件为准更正一处",
            places=(f"正文“{mention.sentence}”", f"预算树 {line.code}"),
        )


def _distinct(case: Case, kind: str) -> list[Mention]:
    if case.report is None:
        return []
    seen: dict[tuple[str, object, str], Mention] = {}
    for mention in mentions(case.report):
        if mention.kind == kind:
            code = mention.line.code if mention.line else ""
            seen.setdefault((code, mention.quantity.value, mention.quantity.unit), mention)
    return list(seen.values())


def is_scale_slip(one: int, other: int) -> bool:
    """The same digits, moved by a unit: 70元 for 70万元, 1.2亿元 for 1.2万元."""
    low, high = sorted((abs(one), abs(other)))
    return low > 0 and any(low * scale == high for scale in _SCALES)


def is_unit_slip(one: int, other: int) -> bool:
    """A slip between 元, 千元, 万元: ten or a hundred times as much may as well be a part."""
    low, high = sorted((abs(one), abs(other)))
    return low > 0 and high // low >= 1000 and is_scale_slip(one, other)


def _scale_finding(mention: Mention, fen: int) -> Finding:
    line = mention.line
    return Finding(
        rule=UNIT_ERROR,
        severity=ERROR,
        ref_code=line.code,
        statement=f"报告正文{line.name}“{mention.quantity.text}”，预算树{money(line.amount_fen)}",
        expected=line.amount_fen,
        found=fen,
        difference=fen - line.amount_fen,
        explanation="数字相同而单位不同，疑为金额单位误写",
        places=(f"正文“{mention.sentence}”", f"预算树 {line.code}"),
    )


def text_counts(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A number of items the text gives for a line must be the line's."""
    for mention in _distinct(case, COUNT):
        line, count = mention.line, int(mention.quantity.value)
        if line.item_count is None or count == line.item_count:
            continue
        yield Finding(
            rule=COUNTS,
            severity=WARNING,
            ref_code=line.code,
            statement=f"报告正文{line.name}{mention.quantity.text}，预算树{line.item_count}项",
            expected=line.item_count,
            found=count,
            difference=count - line.item_count,
            explanation="正文与预算树项目数量不同，须更正一处",
            places=(f"正文“{mention.sentence}”", f"预算树 {line.code}"),
        )


def text_unit_errors(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Items counted where money was spent: '拨款…项'."""
    for mention in _distinct(case, UNIT_ERROR):
        yield _unit_finding(case, mention, UNIT_ERROR, ERROR)


def text_units_missing(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A spending word, a number, and no 元 behind it."""
    for mention in _distinct(case, UNIT_MISSING):
        yield _unit_finding(case, mention, UNIT_MISSING, INFO)


def _unit_finding(case: Case, mention: Mention, rule: str, severity: str) -> Finding:
    line, quantity = mention.line, mention.quantity
    read = _read_as_usual(quantity)
    expected = line.amount_fen if line and line.amount_fen is not None else read
    wrong = f"金额单位误写为“{quantity.unit}”" if rule == UNIT_ERROR else "金额缺“元”字"
    return Finding(
        rule=rule,
        severity=severity,
        ref_code=line.code if line else case.tree.root_code,
        statement=f"报告正文{line.name if line else ''}“{quantity.text}”：{wrong}",
        expected=expected,
        found=None if rule == UNIT_ERROR else read,
        difference=read - expected,
        explanation=_balance(case.tree, line, read),
        places=(f"正文“{mention.sentence}”", f"预算树 {line.code}" if line else "预算树无对应项"),
    )


def _read_as_usual(quantity: Quantity) -> int:
    unit = quantity.unit if quantity.unit in FEN_PER_UNIT else _USUAL_UNIT
    return int(quantity.value * FEN_PER_UNIT[unit])


def _balance(tree: Tree, line: TreeLine | None, read: int) -> str:
    """Whether the reading in 万元 makes the line and its neighbours add up to the line above."""
    above = tree.by_code.get(line.parent_code) if line else None
    if above is None or above.amount_fen is None:
        return f"须注明单位；按{money(read)}理解"
    amounts = [read if child is line else tree.amount(child) for child in tree.children(above)]
    if None in amounts:
        return f"须注明单位；按{money(read)}理解"
    verdict = "平衡" if sum(amounts) == above.amount_fen else f"与{money(above.amount_fen)}不平衡"
    return f"按{money(read)}理解时{'+'.join(money(a) for a in amounts)}={money(sum(amounts))}，{verdict}"


def table_units(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Units of the indicator table: money in items, money without 元, one row in two scales."""
    for row in case.rows:
        texts = {"预期": plain(row.target_text), "实际": plain(row.actual_text)}
        if _heads_money(case.label(row)):
            yield from _row_units(case, row, texts)
        yield from _row_scales(case, row, texts)


def _heads_money(label: str) -> bool:
    return label.endswith(INPUT_WORDS) and not any(word in label for word in INCOME_WORDS)


def _row_units(case: Case, row: IndicatorRow, texts: dict[str, str]) -> Iterator[Finding]:
    for column, text in texts.items():
        read = quantities(text)
        if len(read) != 1 or read[0].text != text:
            continue
        unit, usual = read[0].unit, _read_as_usual(read[0])
        if unit in ITEM_UNITS or (not unit and row.unit in ITEM_UNITS):
            what = f"{column}值“{text}”：资金以“项、个”计"
            yield _row_finding(case, row, UNIT_ERROR, ERROR, what, (usual, None, 0))
        elif unit in ("万", "亿") or (not unit and not row.unit):
            what = f"{column}值“{text}”：金额缺“元”字"
            yield _row_finding(case, row, UNIT_MISSING, INFO, what, (usual, usual, 0))
        else:
            continue
        break


def _row_scales(case: Case, row: IndicatorRow, texts: dict[str, str]) -> Iterator[Finding]:
    """The figure filed for scoring must be one the wording gives, in number and in unit of money."""
    for (column, text), value in zip(texts.items(), (row.target_value, row.actual_value), strict=True):
        read = [quantity for quantity in quantities(text) if quantity.value or value == 0]
        if value is None or not read or _is_worded(row, text, read, value):
            continue
        nearest = min(read, key=lambda quantity: abs(quantity.value - value))
        what = f"{column}值文字为“{text}”，登记数值为{value}{row.unit}"
        rule = UNIT_ERROR if _differs_in_scale(row, nearest, value) else CLAIM
        yield _row_finding(case, row, rule, ERROR, what, _figures(row, nearest, value))
        return
    fen = [_single_amount(text) for text in texts.values()]
    if None not in fen and is_unit_slip(*fen):
        what = f"预期值“{texts['预期']}”与实际值“{texts['实际']}”单位不一致"
        yield _row_finding(case, row, UNIT_ERROR, ERROR, what, (fen[0], fen[1], fen[1] - fen[0]))


def _is_worded(row: IndicatorRow, text: str, read: Sequence[Quantity], value: Decimal) -> bool:
    """'1.2亿元' filed as 12000 万元 is the same figure; '398元' filed as 398 万元 is not."""
    filed, money_read = fen_of(value, _base_unit(row)), [q for q in read if q.is_money]
    if filed is not None and money_read:
        return filed in [quantity.fen for quantity in money_read]
    as_share = [quantity.value / 100 for quantity in read if quantity.unit == "%"]
    return value in [*(quantity.value for quantity in read), *as_share, *numbers(text)]


def _base_unit(row: IndicatorRow) -> str:
    """元 of 元/人."""
    return row.unit.partition("/")[0]


def _differs_in_scale(row: IndicatorRow, worded: Quantity, value: Decimal) -> bool:
    if worded.is_money and fen_of(value, _base_unit(row)) is not None:
        return is_scale_slip(worded.fen, fen_of(value, _base_unit(row)))
    low, high = sorted((worded.value, value))
    return low > 0 and high / low in _SCALES


def _figures(
    row: IndicatorRow, worded: Quantity, value: Decimal
) -> tuple[int | None, int | None, int | None]:
    """(worded, filed, difference): 分 for money, whole numbers otherwise, nothing for broken numbers."""
    filed = fen_of(value, _base_unit(row))
    if filed is not None:
        said = worded.fen if worded.is_money else fen_of(worded.value, _base_unit(row))
        return said, filed, filed - said
    if worded.value == worded.value.to_integral_value() and value == value.to_integral_value():
        return int(worded.value), int(value), int(value - worded.value)
    return None, None, None


def _single_amount(text: str) -> int | None:
    read = [quantity for quantity in quantities(text) if quantity.is_money]
    return read[0].fen if len(read) == 1 else None


def _row_finding(
    case: Case,
    row: IndicatorRow,
    rule: str,
    severity: str,
    what: str,
    figures: tuple[int | None, int | None, int | None],
) -> Finding:
    expected, found, difference = figures
    return Finding(
        rule=rule,
        severity=severity,
        ref_code=case.home_code(row),
        statement=f"指标“{row.name}”{what}",
        expected=expected,
        found=found,
        difference=difference,
        explanation="须按指标表原件核对数字和单位后更正",
        places=(f"指标表 {row.name}（文字）", f"指标表 {row.name}（数值、单位）"),
    )
