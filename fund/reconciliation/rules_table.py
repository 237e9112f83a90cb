"""Rules on the indicator table alone, and on the form printed in the text."""

import re
from collections.abc import Iterator, Sequence

from fund.evaluation.versions import FORMS
from fund.reconciliation.case import Case, count_of, fen_of
from fund.reconciliation.findings import WARNING, Finding, money
from fund.records import AT_LEAST, IndicatorRow
from fund.wording import (
    collapse,
    fuzzy_phrases,
    is_bare_figure,
    is_copied,
    is_input_money,
    numbers,
    plain,
    without_count_suffix,
)

_RATE = re.compile(
    r"率|比例|占比|比重|百分比|满意度|份额|程度|增幅|增速|增长|降幅|下降|覆盖面|占股|分红|股|折扣|贡献度|提高|提升|收益|收入"
)
_SHARE_OF_WHOLE = re.compile(r"满意|(?:合格|覆盖|及时|到位|准确|通过|达标|按期完成|执行)率")
_FRACTION = re.compile(r"\d+\s*[/／]\s*\d+|分之|[（(][^）)]*\d+[^）)]*[）)]")
_PER_UNIT = re.compile(r"(?:每[个家户人名项支期次场村县所]|[人户村]均)[^，。；\d]{0,12}(\d+)")
_PER_LABEL = re.compile(r"[人户村]均|平均|每|率")
_DELIVERED = re.compile(
    r"(?:奖励|资助|补助|立项|扶持|支持)(?:的)?(?:企业|项目|单位|团队|个人|人员|人数|机构)"
)
# What a name measures, by its ending, and the level 2 it is then at home in; effects are counted in anything.
_MEASURES = (
    (re.compile(r"满意(?:度|率)$"), "满意度"),
    (re.compile(r"(?:数量|个数|人数|人次数?|户数|次数|场次|期数)$"), "数量|效益|影响"),
    (re.compile(r"(?:合格|达标|优良|准确|验收通过)率$"), "质量|效益|影响"),
)
_TABLE_HEAD = re.compile(r"^(?:预期|年度|目标)指标值")
_TABLE_RESULT = re.compile(r"^(?:实际完成|完成)(?:指标)?值")
_FORM_FIELDS = ("分值", "得分", "总分", "执行率", "年初预算数", "全年预算数", "全年执行数")
_ECOLOGY = "生态效益"
_LEVELS = {kind: block.label for block in FORMS["B"].blocks for kind in block.kinds}
# Copies of bare figures are honest one by one; they are evidence only as a habit of the table.
HABIT_ROWS = 3


def labels(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Rows of one programme and unit whose labels read alike but whose values differ."""
    groups: dict[tuple[str, str, str], list[IndicatorRow]] = {}
    for row in case.rows:
        key = without_count_suffix(collapse(row.name))
        groups.setdefault((row.programme, key, row.unit), []).append(row)
    for rows in groups.values():
        values = {(row.target_value, row.actual_value, row.target_text) for row in rows}
        if len(values) > 1:
            figures = " 与 ".join(f"“{row.name}”{row.actual_text}" for row in rows)
            yield Finding(
                rule="label_collision",
                severity=WARNING,
                ref_code=case.home_code(rows[0]),
                statement=figures,
                explanation="指标名读来相同而数值不同，疑指不同对象，指标名须消歧",
                places=tuple(f"指标表 {row.name}" for row in rows),
            )


def fuzzy(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """余, 左右, 约 anywhere, and 以上 in a result, stand where an exact figure must."""
    marks = [(case.home(row), phrase) for row in case.rows for phrase in _fuzzy_of(row)]
    if marks:
        yield Finding(
            rule="fuzzy_number",
            severity=WARNING,
            ref_code=case.main_code(marks),
            statement="、".join(dict.fromkeys(phrase for _, phrase in marks)),
            explanation="模糊数不能作为评分值；须另存精确值与取数来源",
            places=tuple(f"指标表 {row.name}" for row in case.rows if _fuzzy_of(row)),
        )


def _fuzzy_of(row: IndicatorRow) -> list[str]:
    return fuzzy_phrases(row.target_text, is_result=False) + fuzzy_phrases(row.actual_text, is_result=True)


def copied(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Results that repeat their targets word for word.

    Raised when wording (not a bare figure) is repeated, or when three quarters of the at-least figures are met to the digit.
    """
    same = [row for row in case.rows if is_copied(row.target_text, row.actual_text)]
    words = [row for row in same if not is_bare_figure(row.target_text)]
    counted = [row for row in case.rows if row.direction == AT_LEAST and is_bare_figure(row.target_text)]
    met = [row for row in counted if row in same]
    if not words and (len(met) < HABIT_ROWS or len(met) * 4 < len(counted) * 3):
        return
    full = [row for row in same if "满意" in row.level2 + row.name and row.actual_value == 100]
    note = f"；其中{len(full)}项满意度全部为100%而无样本量" if full else ""
    yield Finding(
        rule="copied_actual",
        severity=WARNING,
        ref_code=case.tree.root_code,
        statement=f"{len(case.rows)}项指标中{len(same)}项实际值与预期值逐字相同",
        expected=len(case.rows),
        found=len(same),
        explanation=f"须逐项附佐证{note}",
        places=tuple(f"指标表 {row.name}" for row in same),
    )


def per_unit(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Planned per project (每个…) and achieved in total, or the other way round, with the same number."""
    for row in case.rows:
        target, actual = plain(row.target_text), plain(row.actual_text)
        planned_each, achieved_each = (_PER_UNIT.search(text) for text in (target, actual))
        each = planned_each or achieved_each
        if bool(planned_each) == bool(achieved_each) or _PER_LABEL.search(case.label(row)):
            continue
        value = int(each[1])
        if value not in numbers(actual if planned_each else target):
            continue
        yield Finding(
            rule="scope_mismatch",
            severity=WARNING,
            ref_code=case.home_code(row),
            statement=f"“{target}”对“{actual}”",
            expected=f"{value}/{_counted_thing(target if planned_each else actual)}",
            found=value,
            explanation=f"每单位数与总数混用{_expected_total(case, row, value)}",
            places=(f"指标表 {row.name}（预期）", f"指标表 {row.name}（实际）"),
        )


def _counted_thing(text: str) -> str:
    """'每个项目带动…' -> 项目; a bare 每家 -> 家."""
    match = re.search(r"每(?:个|项)(项目|企业|村|县|合作社|基地|团队|单位)|每([^\d\s])|([人户村])均", text)
    return next((group for group in match.groups() if group), "单位") if match else "单位"


def _expected_total(case: Case, row: IndicatorRow, value: int) -> str:
    """What the total would be over the programme's own projects, where the table counts them."""
    for other in case.rows:
        if other.programme == row.programme and re.search(r"项目(?:个数|数量|数)$", other.name):
            count = count_of([other.actual_value])
            if count:
                return f"；{count}个项目应为{count * value}{row.unit.partition('/')[0]}"
    return ""


def misplaced(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Money and direct deliveries filed as effects, numbers as quality, and level-2 names under the wrong level 1."""
    wrong = [row for row in case.rows if _is_misplaced(case, row)]
    if not wrong:
        return
    marks = [(case.money_line(row), row.name) for row in wrong]
    items = "、".join(f"{case.label(row)}{_figure(row)}列在{row.level2 or row.level1}" for row in wrong)
    yield Finding(
        rule="misplaced_indicator",
        severity=WARNING,
        ref_code=case.main_code(marks),
        statement=items,
        explanation="财力投入归成本指标，直接产出和数目归数量指标，合格一类的率归质量指标，满意度归满意度指标",
        places=tuple(f"指标表 {row.name}" for row in wrong),
    )


def _is_misplaced(case: Case, row: IndicatorRow) -> bool:
    block = _LEVELS.get(row.level2)
    if block is not None and row.level1 in _LEVELS.values() and row.level1 != block:
        return True
    label = case.label(row)
    if is_input_money(label, row.unit):
        return "成本" not in row.level2 + row.level1
    if row.level2 and any(
        measured.search(row.name) and not re.search(home, row.level2) for measured, home in _MEASURES
    ):
        return True
    is_count = row.unit in ("家", "个", "项", "名", "人")
    return "效益" in row.level1 + row.level2 and is_count and bool(_DELIVERED.search(label))


def _figure(row: IndicatorRow) -> str:
    fen = fen_of(row.target_value, row.unit)
    return money(fen) if fen is not None else row.target_text


def missing_fields(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """A self-evaluation table printed in the report without the fields that scoring needs."""
    if case.report is None:
        return
    lines = case.report.paragraphs
    printed = any(_TABLE_HEAD.match(line) for line in lines) and any(
        _TABLE_RESULT.match(line) for line in lines
    )
    weighted = any(row.weight is not None for row in case.rows)
    absent = [field for field in _FORM_FIELDS if not any(field in line for line in lines)]
    absent = [field for field in absent if not (weighted and field in ("分值", "得分", "总分"))]
    if not printed or not absent:
        return
    ecology = "" if any(_ECOLOGY in row.level2 for row in case.rows) else "，亦无生态效益指标"
    yield Finding(
        rule="missing_field",
        severity=WARNING,
        ref_code=case.tree.root_code,
        statement=f"自评表无{'、'.join(absent)}{ecology}",
        explanation="按现行表式无法算分，须补录后方可评级",
        places=("正文所附自评表",),
    )


def unfilled(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Rows without a target or a result."""
    empty = [row for row in case.rows if not row.target_text.strip() or not row.actual_text.strip()]
    if empty:
        names = "、".join(f"“{row.name}”" for row in empty)
        yield Finding(
            rule="missing_field",
            severity=WARNING,
            ref_code=case.main_code([(case.home(row), row.name) for row in empty]),
            statement=f"{names}缺预期值或实际完成值",
            explanation="须补填后方可评价",
            places=tuple(f"指标表 {row.name}" for row in empty),
        )


def unmeasurable(case: Case, _earlier: Sequence[Finding]) -> Iterator[Finding]:
    """Percentages of nothing: the label is no rate and no numerator or denominator is given, or above 100 %."""
    bad = [row for row in case.rows if _is_unmeasurable(case, row)]
    if bad:
        yield Finding(
            rule="unmeasurable",
            severity=WARNING,
            ref_code=case.main_code([(case.home(row), row.name) for row in bad]),
            statement="、".join(f"“{row.name} {row.actual_text}”" for row in bad),
            explanation="百分比无分子分母，或超出可能的范围",
            places=tuple(f"指标表 {row.name}" for row in bad),
        )


def _is_unmeasurable(case: Case, row: IndicatorRow) -> bool:
    texts = row.target_text + row.actual_text
    if row.unit not in ("%", "％") and "%" not in plain(texts):
        return False
    label = case.label(row)
    over = row.actual_value is not None and row.actual_value > 100
    if over and row.unit in ("%", "％") and _SHARE_OF_WHOLE.search(label):
        return True
    if row.denominator or _FRACTION.search(texts):
        return False
    return not _RATE.search(label + texts)
