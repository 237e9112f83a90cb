"""What may be reported as a result: read, judged, refused field by field."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fund.records import IndicatorRow
from fund.result_checks import FIELDS, checked

COUNT = IndicatorRow(
    "示例计划", "产出指标", "数量指标", "企业数", "50家", "", Decimal(50), unit="家", direction="at_least"
)
RATE = IndicatorRow(
    "示例计划", "产出指标", "质量指标", "合格率", "95%", "", Decimal(95), unit="%", direction="at_least"
)
COST = IndicatorRow(
    "示例计划", "产出指标", "成本指标", "费用", "100万元", "", Decimal(100), unit="万元", direction="at_most"
)
OPINION = IndicatorRow(
    "示例计划", "效益指标", "社会效益指标", "影响", "明显提升", "", direction="qualitative"
)


def codes(row, *, computed=False, **typed) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in checked(row, typed, computed=computed)[1]]


@pytest.mark.parametrize(
    ("row", "typed"),
    [
        (COUNT, {"actual_text": "支持55家", "actual_value": "55"}),
        (COUNT, {"actual_text": "支持１,０５５家", "actual_value": "1,055", "reason": "目标定得偏低"}),
        (COUNT, {"actual_text": "全部完成", "actual_value": "50"}),
        (COUNT, {"actual_text": "49家", "actual_value": "49", "reason": "一家中途退出"}),
        (COST, {"actual_text": "99万元", "actual_value": "99"}),
        (COUNT, {"actual_text": "50家", "actual_value": "50", "reason": "名单见佐证"}),
        (RATE, {"actual_text": "96.7%", "actual_value": "96.7%", "numerator": "29", "denominator": "30"}),
        (OPINION, {"actual_text": "问卷显示提升"}),
        (OPINION, {"actual_text": "问卷显示提升", "band": "partly", "assessed_percent": "79.99"}),
        (OPINION, {"actual_text": "问卷显示提升", "band": "achieved", "assessed_percent": "100"}),
    ],
)
def test_what_can_be_verified_is_taken(row, typed):
    assert codes(row, **typed) == []


@pytest.mark.parametrize(
    ("row", "typed", "expected"),
    [
        (COUNT, {}, [("actual_text", "missing_text")]),
        (COUNT, {"actual_text": "支持55家"}, [("actual_value", "missing_value")]),
        (COUNT, {"actual_text": "支持55家", "actual_value": "五十五"}, [("actual_value", "not_a_number")]),
        (COUNT, {"actual_text": "支持55家", "actual_value": "54"}, [("actual_value", "text_differs")]),
        (COUNT, {"actual_text": "支持约55家", "actual_value": "55"}, [("actual_text", "fuzzy_number")]),
        (COUNT, {"actual_text": "66家", "actual_value": "66"}, [("reason", "over_achievement")]),
        (COUNT, {"actual_text": "49家", "actual_value": "49"}, [("reason", "not_reached")]),
        (COST, {"actual_text": "101万元", "actual_value": "101"}, [("reason", "not_reached")]),
        (COUNT, {"actual_text": "50家", "actual_value": "50"}, [("actual_text", "copied_actual")]),
        (
            COUNT,
            {"actual_text": "55家", "actual_value": "55", "band": "achieved"},
            [("band", "not_qualitative")],
        ),
        (COUNT, {"actual_text": "多" * 1001, "actual_value": "1"}, [("actual_text", "too_long")]),
        (RATE, {"actual_text": "96%", "actual_value": "96"}, [("numerator", "percentage_without_numerator")]),
        (
            RATE,
            {"actual_text": "96%", "actual_value": "96", "numerator": "9", "denominator": "10"},
            [("actual_value", "parts_differ")],
        ),
        (
            RATE,
            {"actual_text": "96%", "actual_value": "96", "numerator": "9", "denominator": "0"},
            [("denominator", "bad_parts")],
        ),
        (OPINION, {"actual_text": "好", "actual_value": "3"}, [("actual_value", "not_quantitative")]),
        (OPINION, {"actual_text": "好", "band": "achieved"}, [("assessed_percent", "half_assessed")]),
        (OPINION, {"actual_text": "好", "band": "很好"}, [("band", "bad_band")]),
        (
            OPINION,
            {"actual_text": "好", "band": "partly", "assessed_percent": "80"},
            [("assessed_percent", "outside_band")],
        ),
    ],
)
def test_what_cannot_be_verified_is_refused_at_its_field(row, typed, expected):
    assert codes(row, **typed)[:1] == expected


def test_a_computed_row_takes_only_words_and_parts():
    assert codes(COUNT, computed=True, reason="口径见附注") == []
    assert codes(COUNT, computed=True, actual_text="60家", actual_value="60")[0] == (
        "actual_text",
        "computed_row",
    )


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40)), st.sampled_from([COUNT, RATE, OPINION])
)
def test_any_text_is_judged_and_never_raises(typed, row):
    result, faults = checked(row, typed, computed=False)
    assert {fault.field for fault in faults} <= set(FIELDS)
    assert faults or result.actual_text


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 4))
def test_a_percentage_rounded_half_up_fits_its_parts(numerator, denominator, places):
    scaled = (numerator * 100 * 10**places * 2 + denominator) // (2 * denominator)
    value = f"{Decimal(scaled).scaleb(-places):f}"
    typed = {"actual_text": f"{value}%", "actual_value": value, "reason": "如数"}
    typed |= {"numerator": str(numerator), "denominator": str(denominator)}
    assert codes(RATE, **typed) == []
