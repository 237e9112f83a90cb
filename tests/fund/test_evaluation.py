"""Scores, bands, weights, forms and the refusals of a self-evaluation."""

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import InvalidInput
from fund.evaluation import (
    BANDS_2017,
    FORMS,
    REVERSE_RATIO,
    Deduction,
    Execution,
    band_limits,
    evaluate,
    execution_score,
    form_for_year,
    grade_of,
    score_band,
    score_quantitative,
    split_weight,
)
from fund.records import IndicatorRow

DATA = Path(__file__).parents[2] / "demo" / "data"


def read(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def row(level2="数量指标", level1="产出指标", target="10", actual="12", **changes):
    base = IndicatorRow(
        programme="演示专项",
        level1=level1,
        level2=level2,
        name=f"{level2}演示",
        target_text=f"{target}次",
        actual_text=f"{actual}次",
        target_value=Decimal(target),
        actual_value=Decimal(actual),
        unit="次",
        direction="at_least",
    )
    return replace(base, **changes)


def full_table():
    return [
        row(),
        row("质量指标", target="4", actual="3"),
        row("社会效益指标", "效益指标"),
        row("服务对象满意度指标", "满意度指标"),
    ]


def codes(evaluation):
    return [(problem.code, problem.row) for problem in evaluation.problems]


@pytest.mark.parametrize("case", read("scoring_cases.csv"), ids=lambda c: "-".join(c.values()))
def test_quantitative_score_equals_golden_case(case):
    score = score_quantitative(
        case["direction"], Decimal(case["target"]), Decimal(case["actual"]), Decimal(case["weight"])
    )
    assert str(score) == case["score"]


@pytest.mark.parametrize(
    "actual, expected",
    [("100", "10.00"), ("120", "10.00"), ("132", "9.09"), ("240", "5.00"), ("360", "3.33")],
)
def test_reverse_ratio_dialect(actual, expected):
    score = score_quantitative("at_most", Decimal(120), Decimal(actual), Decimal(10), REVERSE_RATIO)
    assert str(score) == expected


def test_row_score_rounds_half_up_where_binary_floats_round_down():
    # 2.675 of 5 points: round(2.675, 2) in floats is 2.67
    assert score_quantitative("at_least", Decimal(1000), Decimal(535), Decimal(5)) == Decimal("2.68")


@pytest.mark.parametrize("actual", ["-5", "0"])
def test_score_is_never_negative(actual):
    assert score_quantitative("at_least", Decimal(10), Decimal(actual), Decimal(5)) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("at_least", Decimal(-1), Decimal(1), Decimal(5)),
        ("at_least", Decimal(1), Decimal(1), Decimal(-5)),
        ("qualitative", Decimal(1), Decimal(1), Decimal(5)),
        ("at_most", Decimal(1), Decimal(2), Decimal(5), "no-such-dialect"),
    ],
)
def test_quantitative_score_refuses(arguments):
    with pytest.raises(InvalidInput):
        score_quantitative(*arguments)


@pytest.mark.parametrize(
    "band, score, dialect, accepted",
    [
        ("achieved", "10", "2020", True),
        ("achieved", "8", "2020", True),
        ("achieved", "7.99", "2020", False),
        ("achieved", "10.01", "2020", False),
        ("partly", "7.99", "2020", True),
        ("partly", "8", "2020", False),
        ("partly", "6", "2020", True),
        ("partly", "5.99", "2020", False),
        ("missed", "5.99", "2020", True),
        ("missed", "6", "2020", False),
        ("missed", "-0.01", "2020", False),
        ("partly", "5", "2017", True),
        ("partly", "4.99", "2017", False),
        ("missed", "4.99", "2017", True),
        ("missed", "5", "2017", False),
    ],
)
def test_band_edges(band, score, dialect, accepted):
    if accepted:
        assert score_band(band, Decimal(score), Decimal(10), dialect) == Decimal(score)
    else:
        with pytest.raises(InvalidInput):
            score_band(band, Decimal(score), Decimal(10), dialect)


def test_band_limits_follow_the_weight():
    assert band_limits("partly", Decimal(5), BANDS_2017) == (Decimal("2.5"), Decimal("4.0"))


@pytest.mark.parametrize(
    "budget, executed, expected",
    [(7_000_000_000, 7_000_000_000, "10.00"), (300, 200, "6.67"), (100, 120, "10.00"), (100, 0, "0.00")],
)
def test_execution_rate_is_capped_and_rounded(budget, executed, expected):
    assert str(execution_score(Execution(budget, executed))) == expected


@pytest.mark.parametrize("budget, executed", [(0, 0), (100, -1)])
def test_execution_rate_refuses(budget, executed):
    with pytest.raises(InvalidInput):
        execution_score(Execution(budget, executed))


@pytest.mark.parametrize(
    "total, grade",
    [
        ("100", "优"),
        ("90", "优"),
        ("89.995", "良"),
        ("80", "良"),
        ("79.99", "中"),
        ("60", "中"),
        ("59.99", "差"),
    ],
)
def test_grade_stands_on_the_unrounded_total(total, grade):
    assert grade_of(Decimal(total)) == grade


@pytest.mark.parametrize("weight, count", [(50, 28), (30, 16), (10, 3), (10, 7), (0, 2)])
def test_split_weight_sums_to_the_block(weight, count):
    parts = split_weight(Decimal(weight), count)
    assert (len(parts), sum(parts)) == (count, Decimal(weight))
    assert max(parts) - min(parts) <= Decimal("0.01")


def test_split_weight_gives_the_odd_hundredths_to_the_first_rows():
    assert [str(part) for part in split_weight(Decimal(10), 3)] == ["3.34", "3.33", "3.33"]


@pytest.mark.parametrize("code, total", [("B", 100), ("C", 100)])
def test_scored_forms_sum_to_a_hundred(code, total):
    form = FORMS[code]
    assert sum(block.weight for block in form.blocks) + form.execution_weight == total


@pytest.mark.parametrize("year, code", [(2018, "A"), (2019, "B"), (2020, "B"), (2021, "C"), (2026, "C")])
def test_form_in_force(year, code):
    assert form_for_year(year).code == code


def test_no_form_before_the_first():
    with pytest.raises(InvalidInput):
        form_for_year(2016)


def test_full_table_is_scored_and_graded():
    result = evaluate(FORMS["B"], full_table(), Execution(100, 95))
    assert [r.weight for r in result.rows] == [25, 25, 30, 10]
    assert [r.score for r in result.rows] == [25, Decimal("18.75"), 30, 10]
    assert [(b.code, b.score) for b in result.blocks] == [
        ("execution", Decimal("9.5")),
        ("output", Decimal("43.75")),
        ("benefit", 30),
        ("satisfaction", 10),
    ]
    assert (result.total, result.grade, result.complete) == (Decimal("93.25"), "优", True)


def test_missing_execution_leaves_ten_points_open_and_withholds_an_unsettled_grade():
    result = evaluate(FORMS["B"], full_table())
    assert (result.total, result.total_max, result.grade) == (Decimal("83.75"), Decimal("93.75"), None)
    assert result.grade_range == ("良", "优")
    assert ("execution_missing", None) in codes(result)


def test_missing_execution_keeps_a_grade_it_cannot_change():
    table = [replace(r, actual_value=r.target_value) for r in full_table()]
    result = evaluate(FORMS["B"], table)
    assert (result.total, result.grade, result.complete) == (90, "优", False)


def test_empty_weighted_block_refuses():
    result = evaluate(FORMS["B"], full_table()[:3], Execution(1, 1))
    assert ("empty_block", None) in codes(result)
    assert (result.refused, result.grade) == (True, None)


def test_weights_that_do_not_sum_refuse():
    result = evaluate(FORMS["B"], full_table(), Execution(1, 1), weights={1: Decimal(30), 2: Decimal(19)})
    assert ("weights_do_not_sum", None) in codes(result)
    assert result.grade is None


def test_weights_override_by_argument_before_row():
    table = [replace(r, weight=Decimal(w)) for r, w in zip(full_table(), (40, 10, 30, 10), strict=True)]
    assert [r.weight for r in evaluate(FORMS["B"], table).rows] == [40, 10, 30, 10]
    moved = evaluate(FORMS["B"], table, weights={1: Decimal(45), 2: Decimal(5)})
    assert [r.weight for r in moved.rows] == [45, 5, 30, 10]


def test_row_outside_the_form_refuses_and_has_no_weight():
    result = evaluate(FORMS["B"], [*full_table(), row("别的指标", "别的一级")], Execution(1, 1))
    assert (result.rows[-1].weight, result.rows[-1].score) == (None, None)
    assert ("unplaced_row", 5) in codes(result)


def test_cost_is_a_block_of_its_own_on_form_c_only():
    table = [*full_table(), row("成本指标", direction="at_most", target="120", actual="132")]
    on_b, on_c = (evaluate(FORMS[code], table, Execution(1, 1)) for code in "BC")
    assert on_b.rows[4].block == "output"
    assert (on_c.rows[4].block, on_c.rows[4].weight, on_c.rows[4].score) == ("cost", 20, 18)


def test_qualitative_row_waits_for_its_band():
    words = dict(direction="qualitative", target_value=None, actual_value=None)
    table = [*full_table(), row("时效指标", **words)]
    waiting = evaluate(FORMS["B"], table, Execution(1, 1))
    assert waiting.rows[4].score is None
    assert ("not_assessed", 5) in codes(waiting)
    table[4] = row("时效指标", band="achieved", assessed=Decimal("14.5"), **words)
    assert evaluate(FORMS["B"], table, Execution(1, 1)).rows[4].score == Decimal("14.50")


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"target_text": "按期办结", "actual_text": "按期办结"}, "copied_actual"),
        ({"actual_text": "约12次"}, "fuzzy_number"),
        ({"target_text": "10余次"}, "fuzzy_number"),
        ({"unit": "%"}, "percentage_without_numerator"),
        ({"unit": "万元", "direction": "equal", "actual_text": "12万元"}, "money_over_target"),
        ({"actual_value": Decimal("13.1")}, "over_achievement"),
        ({"actual_value": None}, "missing_value"),
        ({"target_value": Decimal(-1)}, "negative_target"),
    ],
)
def test_row_warning(changes, code):
    table = [row(**changes), *full_table()[1:]]
    assert (code, 1) in codes(evaluate(FORMS["B"], table, Execution(1, 1)))


def test_sound_rows_raise_no_problem():
    table = [replace(r, numerator=Decimal(9), denominator=Decimal(10)) for r in full_table()]
    assert codes(evaluate(FORMS["B"], table, Execution(1, 1))) == []


def test_percentage_with_its_fraction_and_reasoned_over_achievement_pass():
    table = full_table()
    table[0] = row(unit="%", numerator=Decimal(12), denominator=Decimal(100))
    table[1] = row("质量指标", target="4", actual="9", reason="新增两个承办地")
    assert codes(evaluate(FORMS["B"], table, Execution(1, 1))) == []


def test_over_achievement_at_the_line_is_not_over_it():
    table = [row(actual="13"), *full_table()[1:]]
    assert codes(evaluate(FORMS["B"], table, Execution(1, 1))) == []


def test_deduction_takes_points_off_one_row():
    off = Deduction(row=1, points=Decimal("2.5"), author="复核人", reason="目标偏低")
    result = evaluate(FORMS["B"], full_table(), Execution(1, 1), deductions=[off])
    assert (result.rows[0].score, result.total) == (Decimal("22.5"), Decimal("91.25"))


@pytest.mark.parametrize(
    "off",
    [
        Deduction(1, Decimal(2), "", "理由"),
        Deduction(1, Decimal(2), "复核人", " "),
        Deduction(1, Decimal(0), "复核人", "理由"),
        Deduction(1, Decimal(26), "复核人", "理由"),
        Deduction(9, Decimal(1), "复核人", "理由"),
    ],
)
def test_deduction_refused(off):
    with pytest.raises(InvalidInput):
        evaluate(FORMS["B"], full_table(), Execution(1, 1), deductions=[off])


def test_form_a_has_no_points_and_says_so():
    result = evaluate(FORMS["A"], full_table())
    assert (result.total, result.grade, result.grade_range, result.blocks) == (None, None, None, ())
    assert ("no_scores", None) in codes(result)
