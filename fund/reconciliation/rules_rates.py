"""Rates against their numerators, budgets against what was spent and left, weights against the full mark."""

import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from fund.reconciliation.case import Case
from fund.reconciliation.findings import ERROR, WARNING, Finding, money, over_or_under
from fund.records import IndicatorRow, TreeLine
from fund.wording import FEN_PER_UNIT, plain

RULE, SUM, MISSING = "derived_check", "sum_mismatch", "missing_field"
# Level-3 weights fill the form less the ten points of budget execution, or the whole hundred without them.
FULL_MARKS = (Decimal(90), Decimal(100))

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_FRACTION = re.compile(r"(?<![\d./])(\d{1,9})\s*[/／]\s*(\d{1,9})(?![\d./年月])")
_AMOUNT = r"[^，,。；;\d]{0,10}?(\d+(?:\.\d+)?)\s*(亿元|万元|元)"
_BUDGET = re.compile(
    rf"(?:全年预算|年初预算|调整后预算|预算数|预算|安排(?:经费|资金)?|下达)(?!执行){_AMOUNT}"
)
_SPENT = re.compile(
    rf"(?:实际支出|支出|实际支付|已支付|支付|全年执行数|执行数|实际执行|实际使用|已使用){_AMOUNT}"
)
_LEFT = re.compile(rf"(?<!上年)(?:结余|剩余|未支出){_AMOUNT}")
_RATE = re.compile(r"(?:执行率|支出率|支付率|使用率)[^，,。；;\d]{0,6}(\d+(?:\.\d+)?)\s*%")
_ELSEWHERE = re.compile(r"上年|去年|往年|同比|累计|截至|目标|不低于")


def stated_rates(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A percentage beside its numerator and denominator must be their quotient, at the places it states."""
    for row in case.rows:
        stated = _stated_percent(row)
        parts = _parts(row)
        if stated is None or parts is None or not parts[1]:
            continue
        computed = rounded(parts[0] * 100 / parts[1], stated)
        if not _agree(computed, stated):
            yield _rate_finding(case, row, parts, computed, stated)


def _stated_percent(row: IndicatorRow) -> Decimal | None:
    said = _PERCENT.findall(plain(row.actual_text))
    if len(said) == 1:
        return Decimal(said[0])
    return row.actual_value if row.unit in ("%", "％") and not said else None


def _parts(row: IndicatorRow) -> tuple[Decimal, Decimal] | None:
    if row.numerator is not None and row.denominator:
        return row.numerator, row.denominator
    said = _FRACTION.findall(plain(row.actual_text))
    return (Decimal(said[0][0]), Decimal(said[0][1])) if len(said) == 1 else None


def rounded(value: Decimal, like: Decimal) -> Decimal:
    """To as many places as the stated figure shows."""
    return value.quantize(Decimal(1).scaleb(min(like.as_tuple().exponent, 0)), rounding=ROUND_HALF_UP)


def _agree(computed: Decimal, stated: Decimal) -> bool:
    """Cut off or rounded, a figure is at most one unit of its last place away."""
    return abs(computed - stated) <= Decimal(1).scaleb(min(stated.as_tuple().exponent, 0))


def _rate_finding(
    case: Case, row: IndicatorRow, parts: tuple[Decimal, Decimal], computed: Decimal, stated: Decimal
) -> Finding:
    return Finding(
        rule=RULE,
        severity=WARNING,
        ref_code=case.home_code(row),
        statement=f"“{row.name}”：{parts[0]}÷{parts[1]}={computed}%，所填{stated}%",
        expected=_whole(computed),
        found=_whole(stated),
        difference=_whole(stated - computed),
        explanation="比率与分子、分母不符，须更正一处",
        places=(f"指标表 {row.name}（比率）", f"指标表 {row.name}（分子、分母）"),
    )


def _whole(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def text_execution(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """One sentence: budget, spent, left, rate. Without a budget in it, that of the line it names."""
    for line, sentence in case.report.placed_sentences if case.report else ():
        if _ELSEWHERE.search(sentence):
            continue
        budget, spent, left = (_one_amount(pattern, sentence) for pattern in (_BUDGET, _SPENT, _LEFT))
        whole = budget if budget is not None else _amount_of(line)
        rates = _RATE.findall(sentence)
        if whole and spent is not None and len(rates) == 1:
            yield from _execution(case, line, sentence, whole, spent, Decimal(rates[0]))
        if None not in (budget, spent, left) and budget - spent != left:
            yield _remainder(case, line, sentence, budget - spent, left)


def _one_amount(pattern: re.Pattern, sentence: str) -> int | None:
    found = pattern.findall(sentence)
    return int(Decimal(found[0][0]) * FEN_PER_UNIT[found[0][1]]) if len(found) == 1 else None


def _amount_of(line: TreeLine | None) -> int | None:
    return line.amount_fen if line else None


def _execution(
    case: Case, line: TreeLine | None, sentence: str, whole: int, spent: int, stated: Decimal
) -> Iterator[Finding]:
    computed = rounded(Decimal(spent) * 100 / Decimal(whole), stated)
    if _agree(computed, stated):
        return
    yield Finding(
        rule=RULE,
        severity=WARNING,
        ref_code=line.code if line else case.tree.root_code,
        statement=f"{money(spent)}÷{money(whole)}={computed}%，正文称执行率{stated}%",
        expected=_whole(computed),
        found=_whole(stated),
        difference=_whole(stated - computed),
        explanation="执行率与预算数、执行数不符，须更正一处",
        places=(f"正文“{sentence}”（执行率）", "同句预算数、执行数"),
    )


def _remainder(case: Case, line: TreeLine | None, sentence: str, expected: int, stated: int) -> Finding:
    return Finding(
        rule=RULE,
        severity=WARNING,
        ref_code=line.code if line else case.tree.root_code,
        statement=f"预算减支出余{money(expected)}，正文称结余{money(stated)}",
        expected=expected,
        found=stated,
        difference=stated - expected,
        explanation=f"{over_or_under(stated - expected)}；预算、支出、结余须有一处更正",
        places=(f"正文“{sentence}”（结余）", "同句预算数、支出数"),
    )


def weights(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A table with weights fills the form: none may lack one, together they make 90 (or 100)."""
    weighted = [row for row in case.rows if row.weight is not None]
    if not weighted:
        return
    bare = [row for row in case.rows if row.weight is None]
    if bare:
        yield Finding(
            rule=MISSING,
            severity=WARNING,
            ref_code=case.tree.root_code,
            statement="、".join(f"“{row.name}”" for row in bare) + "未填分值",
            explanation="其余指标已有分值；须补填后方可计分",
            places=tuple(f"指标表 {row.name}" for row in bare),
        )
        return
    total = sum(row.weight for row in weighted)
    if total not in FULL_MARKS:
        full = min(FULL_MARKS, key=lambda mark: abs(mark - total))
        yield Finding(
            rule=SUM,
            severity=ERROR,
            ref_code=case.tree.root_code,
            statement=f"各指标分值合计{total}分，应为{full}分",
            expected=int(full),
            found=_whole(total),
            difference=_whole(total - full),
            explanation="三级指标分值合计应为90分（另计预算执行率10分）；须调整分值",
            places=("指标表 分值合计", "自评表满分"),
        )
