"""Figures that follow from other figures: count x price = total, money per project / money per head = heads."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from fund.reconciliation.case import Case, count_of, fen_of
from fund.reconciliation.findings import INFO, WARNING, Finding, money, over_or_under
from fund.records import IndicatorRow, TreeLine
from fund.wording import FEN_PER_UNIT, MONEY_UNITS, PEOPLE, is_input_money, quantities, shared

RULE = "derived_check"
# A stated figure within 2 % of the computed one is the same figure, rounded.
TOLERANCE = Fraction(2, 100)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%[^，。；\d]{0,8}?(?:给|归|用于|分配)([^，。；]+)")
_EACH = re.compile(r"每(个|项|家|户|人|名|期|场|次|团|支)[^，。；\d]{0,8}(\d+(?:\.\d+)?)\s*(亿元|万元|元)")
_TOTAL = re.compile(r"(?:共计|合计|总计|总额|共)[^，。；\d]{0,6}(\d+(?:\.\d+)?)\s*(亿元|万元|元)")


def heads_per_project(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Project money x the people's share / money per head, against the heads stated per project.

    Needs a row in 元/人 (or 户), a row in 人/项目 of the same programme, a line with new projects counted, and a
    share that the report gives to people. The ledger's reading is checked; the claim's is offered beside it.
    """
    share = _peoples_share(case)
    if share is None:
        return
    for row in case.rows:
        heads, price = count_of([row.target_value]), _price_per_head(case, row)
        home = case.home(row)
        line = case.tree.project_child(home) if home else None
        if not _is_per_project(row) or not heads or not price or line is None:
            continue
        if not line.amount_fen or not line.item_count:
            continue
        computed = Fraction(line.amount_fen, line.item_count) * share / price
        if abs(computed - heads) > TOLERANCE * heads:
            yield _heads_finding(case, row, line, share, price, _whole(computed))


def _is_per_project(row: IndicatorRow) -> bool:
    unit, _, each = row.unit.partition("/")
    return unit in PEOPLE and each == "项目"


def _peoples_share(case: Case) -> Fraction | None:
    """The one percentage that the report gives to persons or households."""
    shares = {
        Fraction(Decimal(match[1])) / 100
        for sentence in (case.report.sentences if case.report else ())
        for match in _SHARE.finditer(sentence)
        if match[2].rstrip("”、 ").endswith(PEOPLE)
    }
    return shares.pop() if len(shares) == 1 else None


def _price_per_head(case: Case, row: IndicatorRow) -> int | None:
    """分 per person, from the one row of the programme in 元/人 or the like."""
    prices = set()
    for other in case.rows:
        unit, _, each = other.unit.partition("/")
        if other.programme == row.programme and each in PEOPLE and unit in MONEY_UNITS:
            prices.add(fen_of(other.target_value, unit))
    return prices.pop() if len(prices) == 1 else None


def _heads_finding(
    case: Case, row: IndicatorRow, line: TreeLine, share: Fraction, price: int, computed: int
) -> Finding:
    heads = int(row.target_value)
    formula = f"项目资金×{int(share * 100)}%÷{money(price)}/人"
    ledger = f"按{money(line.amount_fen)}/{line.item_count}项约{computed}人"
    hint = "须核对项目资金、项目数或每项目人数"
    for claim in case.claims:
        if claim.line not in case.tree.path(line) or not claim.count or not claim.fen:
            continue
        other = Fraction(claim.fen, claim.count) * share / price
        if abs(other - heads) <= TOLERANCE * heads:
            each = money(claim.fen // claim.count)
            hint = f"按{claim.label}{money(claim.fen)}/{claim.count}项（每项目{each}）约{_whole(other)}人，与所填吻合，支持该口径"
    return Finding(
        rule=RULE,
        severity=INFO,
        ref_code=line.code,
        statement=f"{formula}：{ledger}，所填{heads}人/项目",
        expected=heads,
        found=computed,
        difference=computed - heads,
        explanation=hint,
        places=(f"指标表 {row.name}", f"预算树 {line.code}", "正文分配比例"),
    )


def _whole(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def products(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """In one programme: the only count in a unit x the price per that unit = the only sum of money.

    Price and sum must name the same thing (奖励, 补助 …); an average (人均) may be rounded by 2 %.
    """
    for programme in dict.fromkeys(row.programme for row in case.rows):
        rows = [row for row in case.rows if row.programme == programme]
        totals = [row for row in rows if is_input_money(case.label(row), row.unit)]
        prices = [row for row in rows if row.unit.partition("/")[0] in MONEY_UNITS and "/" in row.unit]
        for price in prices:
            each = price.unit.partition("/")[2]
            counts = [row for row in rows if row.unit == each]
            alike = totals and len(shared(case.label(price), case.label(totals[0]))) >= 2
            if len(totals) == len(counts) == 1 and alike:
                yield from _product(case, counts[0], price, totals[0])


def _product(case: Case, count: IndicatorRow, price: IndicatorRow, total: IndicatorRow) -> Iterator[Finding]:
    number = count_of([count.actual_value])
    single = fen_of(price.actual_value, price.unit.partition("/")[0])
    stated = fen_of(total.actual_value, total.unit)
    if None in (number, single, stated):
        return
    allowed = TOLERANCE * stated if "均" in price.name else 0
    if abs(number * single - stated) <= allowed:
        return
    yield Finding(
        rule=RULE,
        severity=WARNING,
        ref_code=case.home_code(total),
        statement=f"{case.label(count)}{number}×{case.label(price)}{money(single)}="
        f"{money(number * single)}，{case.label(total)}{money(stated)}",
        expected=number * single,
        found=stated,
        difference=stated - number * single,
        explanation=f"{over_or_under(stated - number * single)}；数量、单价、总额须有一处更正",
        places=tuple(f"指标表 {row.name}" for row in (count, price, total)),
    )


def _is_one_of_several(case: Case, sentence: str) -> bool:
    """The total behind the last price of a list ('…；丙等6名，每名8万元，共99万元') belongs to the list."""
    around = (paragraph for paragraph in case.report.paragraphs if sentence in paragraph)
    before = next(around, "").partition(sentence)[0].rpartition("。")[2]
    return bool(_EACH.search(before))


def text_products(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """One sentence: N家, 每家X万元, 共Y万元."""
    for sentence in case.report.sentences if case.report else ():
        each, totals = _EACH.findall(sentence), _TOTAL.findall(sentence)
        if len(each) != 1 or len(totals) != 1:
            continue
        unit, price, scale = each[0]
        counts = [q for q in quantities(sentence) if q.unit == unit]
        if len(counts) != 1 or _is_one_of_several(case, sentence):
            continue
        expected = int(counts[0].value * Decimal(price) * FEN_PER_UNIT[scale])
        stated = int(Decimal(totals[0][0]) * FEN_PER_UNIT[totals[0][1]])
        if expected != stated:
            yield Finding(
                rule=RULE,
                severity=WARNING,
                ref_code=case.tree.root_code,
                statement=f"{counts[0].text}×{price}{scale}={money(expected)}，正文称{money(stated)}",
                expected=expected,
                found=stated,
                difference=stated - expected,
                explanation="数量、单价、总额须有一处更正",
                places=(f"正文“{sentence}”",),
            )
