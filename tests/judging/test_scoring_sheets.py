"""Marks to totals, totals to an entry's score: published rules first, then what may never happen."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.scoring import (
    POPULARITY,
    Aggregation,
    Criterion,
    Fault,
    Mode,
    Rule,
    ScoringError,
    SheetScore,
    Status,
    as_points,
    entry_result,
    half_up,
    mean,
    sheet_total,
    weighted_result,
)

MEAN = Rule(aggregation=Aggregation.MEAN)
TRIMMED = Rule(aggregation=Aggregation.TRIMMED)
PUBLISHED = ("82", "85.5", "88", "90", "91.5")
CODES = ("technology", "business_model", "market", "team", "finance")


def panel(*totals):
    """Judges 1, 2, ... with these totals as written on the sheet."""
    return [SheetScore(judge, Decimal(total)) for judge, total in enumerate(totals, start=1)]


def refusal(call, *args, **kwargs):
    with pytest.raises(ScoringError) as caught:
        call(*args, **kwargs)
    return caught.value.code


# Published rules


def test_five_judges_mean():
    result = entry_result(panel(*PUBLISHED), MEAN)
    assert (result.shown, result.exact, result.count) == (Decimal("87.40"), Fraction(874, 10), 5)
    assert str(result.shown) == "87.40"


def test_five_judges_trimmed_to_three():
    result = entry_result(panel(*PUBLISHED), TRIMMED)
    assert (result.shown, result.exact, result.count) == (Decimal("87.83"), Fraction(527, 6), 3)
    assert [sheet.judge for sheet in result.used] == [2, 3, 4]
    assert [sheet.judge for sheet in result.dropped_low] == [1]
    assert [sheet.judge for sheet in result.dropped_high] == [5]
    assert not result.fallback


def test_seven_judges_trimmed_to_five():
    result = entry_result(panel("80", "81.5", "84", "86", "88.5", "90", "95"), TRIMMED)
    assert (result.shown, result.count) == (Decimal("86.00"), 5)
    assert [sheet.total for sheet in result.dropped_low + result.dropped_high] == [Decimal(80), Decimal(95)]


def test_hunan_sixty_forty_of_seven_and_twenty():
    seven = entry_result(panel("90", "88", "91", "87", "92", "89", "90"), MEAN)
    twenty = entry_result(panel(*["85"] * 10, *["88"] * 10), MEAN)
    result = weighted_result({"jury": seven, "public": twenty}, {"jury": 60, "public": 40})
    # 0.6 x 627/7 + 0.4 x 86.5 = 53.742857... + 34.6
    assert (result.exact, result.shown) == (
        Fraction(3, 5) * Fraction(627, 7) + Fraction(173, 5),
        Decimal("88.34"),
    )
    assert result.count == 27


def test_three_online_judges_mean():
    assert entry_result(panel("81", "82", "84"), MEAN).shown == Decimal("82.33")


@pytest.mark.parametrize("finance_and_team", [("5", "30"), ("10", "25")])
def test_shaanxi_sheet_full_marks_make_one_hundred(finance_and_team):
    finance, team = finance_and_team
    tops = ("25", "20", "20", team, finance)
    criteria = [Criterion(code, Decimal(top)) for code, top in zip(CODES, tops, strict=True)]
    assert sheet_total(criteria, dict(zip(CODES, map(Decimal, tops), strict=True))) == 100


def test_ten_point_sheet_multiplies_by_weight():
    weights = ("2.5", "2", "2", "2.5", "1")
    criteria = [
        Criterion(c, Decimal(10), Mode.TEN_POINT, Decimal(w)) for c, w in zip(CODES, weights, strict=True)
    ]
    marks = dict(zip(CODES, map(Decimal, ("9.5", "8", "8.5", "9", "7")), strict=True))
    assert sheet_total(criteria, marks) == Decimal("86.25")
    assert sum(criterion.full_points for criterion in criteria) == 100


@pytest.mark.parametrize(
    ("totals", "shown"),
    [
        (("78", "80", "82", "84", "96"), "82.00"),
        (("60", "81", "81.5", "82", "82"), "81.50"),
        (("88", "88", "88", "88.01", "88.02"), "88.00"),
    ],
)
def test_five_to_three_of_zhaoqing_hainan_and_shenzhen(totals, shown):
    result = entry_result(panel(*totals), TRIMMED)
    assert (result.shown, result.count) == (Decimal(shown), 3)


def test_team_group_sheet_drops_finance():
    tops = dict(zip(CODES[:4], map(Decimal, ("30", "20", "20", "30")), strict=True))
    criteria = [Criterion(code, top) for code, top in tops.items()]
    assert sheet_total(criteria, tops) == 100
    with pytest.raises(ScoringError):
        sheet_total(criteria, tops | {"finance": Decimal(5)})


def test_yancheng_sub_items_out_of_ten_in_bands():
    item = Criterion("technology", Decimal(10), Mode.TEN_POINT, Decimal("2.5"))
    assert sheet_total([item], {"technology": Decimal(9)}) == Decimal("22.5")
    assert refusal(sheet_total, [item], {"technology": Decimal("10.01")}) is Fault.OUT_OF_RANGE


def test_anhui_seven_judges_count_and_twenty_investors_do_not():
    seven = entry_result(panel("80", "81.5", "84", "86", "88.5", "90", "95"), TRIMMED)
    investors = entry_result(panel(*["99"] * 20), MEAN)
    result = weighted_result({"jury": seven, POPULARITY: investors}, {"jury": 100})
    assert (result.shown, result.count) == (Decimal("86.00"), 5)


def test_a_judge_who_did_not_score_is_never_silently_left_out():
    """A vendor's rule leaves him out of the mean; with trimming that changes who is dropped (DOMAIN 2.3)."""
    result = entry_result([*panel("82", "85.5", "88", "90"), SheetScore(5, None)], TRIMMED)
    assert (result.status, result.missing, result.shown) == (Status.SHEETS_MISSING, (5,), None)


# Missing, recused, few judges


def test_missing_sheet_leaves_no_score_and_is_named():
    result = entry_result([*panel("90", "80"), SheetScore(9, None)], TRIMMED)
    assert (result.status, result.shown, result.exact) == (Status.SHEETS_MISSING, None, None)
    assert result.missing == (9,)


def test_recused_judge_is_excluded_not_zero():
    result = entry_result([*panel("90", "80", "85"), SheetScore(9, None, recused=True)], MEAN)
    assert (result.shown, result.recused, result.count) == (Decimal("85.00"), (9,), 3)


@pytest.mark.parametrize(
    ("totals", "minimum", "shown", "fallback"),
    [
        (("80", "91"), 3, "85.50", True),
        (("80", "91", "90"), 3, "90.00", False),
        (("80", "90", "91", "99"), 5, "90.00", True),
        (("80", "90", "91", "99"), 3, "90.50", False),
        (("77.77",), 3, "77.77", True),
    ],
)
def test_too_few_scores_fall_back_to_the_plain_mean(totals, minimum, shown, fallback):
    result = entry_result(panel(*totals), Rule(min_scores_for_trim=minimum))
    assert (result.shown, result.fallback) == (Decimal(shown), fallback)
    assert result.count == (len(totals) if fallback else len(totals) - 2)


def test_dropping_more_high_than_low():
    result = entry_result(panel("70", "80", "86", "95", "99"), Rule(drop_high=2, drop_low=1))
    assert (result.shown, [sheet.judge for sheet in result.dropped_high]) == (Decimal("83.00"), [4, 5])
    assert [sheet.judge for sheet in result.dropped_low] == [1]


def test_dropping_two_and_two_from_four_falls_back():
    result = entry_result(panel("80", "82", "84", "90"), Rule(drop_high=2, drop_low=2))
    assert (result.shown, result.fallback, result.count) == (Decimal("84.00"), True, 4)


def test_plain_mean_of_two_is_no_fallback():
    assert entry_result(panel("80", "91"), MEAN).fallback is False


def test_all_equal_drops_one_each():
    result = entry_result(panel("88", "88", "88", "88", "88"), TRIMMED)
    assert (result.shown, result.count) == (Decimal("88.00"), 3)
    assert len(result.dropped_high) == len(result.dropped_low) == 1


@pytest.mark.parametrize("sheets", [[], [SheetScore(1, None, recused=True)], panel("90", "91")])
def test_below_panel_minimum_has_no_score(sheets):
    result = entry_result(sheets, Rule(panel_minimum=3))
    assert (result.status, result.shown) == (Status.BELOW_MINIMUM, None)


def test_genuine_zero_counts():
    assert entry_result(panel("0", "90"), MEAN).shown == Decimal("45.00")


# Two panels


def test_popularity_is_carried_but_never_counts():
    jury, popular = entry_result(panel("90", "80"), MEAN), entry_result(panel("10"), MEAN)
    result = weighted_result({"jury": jury, POPULARITY: popular}, {"jury": 100})
    assert (result.shown, dict(result.panels)[POPULARITY].shown) == (Decimal("85.00"), Decimal("10.00"))
    assert refusal(weighted_result, {POPULARITY: popular}, {POPULARITY: 1}) is Fault.POPULARITY_COUNTED


def test_one_incomplete_panel_leaves_the_whole_incomplete():
    jury = entry_result(panel("90"), MEAN)
    public = entry_result([SheetScore("p1", None)], MEAN)
    small = entry_result([], MEAN)
    weights = {"a": 60, "b": 40}
    missing = weighted_result({"a": jury, "b": public}, weights)
    assert (missing.status, missing.shown, missing.missing) == (Status.SHEETS_MISSING, None, ("p1",))
    assert weighted_result({"a": jury, "b": small}, weights).status is Status.BELOW_MINIMUM
    assert weighted_result({"a": small, "b": public}, weights).status is Status.SHEETS_MISSING


def test_weighted_fallback_is_flagged():
    full, short = entry_result(panel(*PUBLISHED), TRIMMED), entry_result(panel("80", "90"), TRIMMED)
    assert weighted_result({"a": full, "b": short}, {"a": 60, "b": 40}).fallback
    assert not weighted_result({"a": full, "b": full}, {"a": 60, "b": 40}).fallback


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ({"a": 60}, Fault.PANEL_WITHOUT_WEIGHT),
        ({"a": 60, "b": 40, "c": 1}, Fault.PANEL_MISSING),
        ({"a": 60, "b": 0}, Fault.BAD_WEIGHT),
        ({"a": 60, "b": -40}, Fault.BAD_WEIGHT),
        ({"a": 60, "b": 0.4}, Fault.BAD_WEIGHT),
    ],
)
def test_bad_panel_weights_are_refused(weights, code):
    one = entry_result(panel("90"), MEAN)
    assert refusal(weighted_result, {"a": one, "b": one}, weights) is code


def test_no_panel_at_all_is_refused():
    assert refusal(weighted_result, {}, {}) is Fault.NOTHING_TO_AVERAGE


# What is refused at the door


def test_integers_are_hundredths():
    hundredths = [SheetScore(judge, total) for judge, total in enumerate((8200, 8550, 8800, 9000, 9150))]
    assert entry_result(hundredths, TRIMMED).exact == entry_result(panel(*PUBLISHED), TRIMMED).exact
    assert as_points(8550) == Decimal("85.5")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (85.5, Fault.NOT_EXACT),
        (True, Fault.NOT_EXACT),
        ("85.5", Fault.NOT_EXACT),
        (None, Fault.NOT_EXACT),
        (Decimal("NaN"), Fault.NOT_EXACT),
        (Decimal("sNaN"), Fault.NOT_EXACT),
        (Decimal("Infinity"), Fault.NOT_EXACT),
        (Decimal("-0.01"), Fault.OUT_OF_RANGE),
        (-1, Fault.OUT_OF_RANGE),
        (10**400, Fault.OUT_OF_RANGE),
        (Decimal("1E+999999999"), Fault.OUT_OF_RANGE),
        (Decimal("1E-999999999"), Fault.TOO_MANY_DECIMALS),
        (Decimal("85.0000001"), Fault.TOO_MANY_DECIMALS),
    ],
)
def test_values_that_are_no_score(value, code):
    assert refusal(as_points, value) is code


def test_trailing_zeros_are_no_decimals():
    assert as_points(Decimal("85.50000000000")) == Decimal("85.5")
    assert as_points(Decimal("0E-999999999")) == 0


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        ({"a": "20"}, Fault.CRITERION_MISSING),
        ({"a": "20", "b": None}, Fault.CRITERION_MISSING),
        ({"a": "20", "b": "5", "c": "1"}, Fault.CRITERION_UNKNOWN),
        ({"a": "25.01", "b": "5"}, Fault.OUT_OF_RANGE),
        ({"a": "20", "b": "10.01"}, Fault.OUT_OF_RANGE),
        ({"a": "20.005", "b": "5"}, Fault.TOO_MANY_DECIMALS),
    ],
)
def test_incomplete_or_impossible_sheets_are_refused(marks, code):
    criteria = [Criterion("a", Decimal(25)), Criterion("b", Decimal(10), Mode.TEN_POINT, Decimal("7.5"))]
    values = {name: mark if mark is None else Decimal(mark) for name, mark in marks.items()}
    assert refusal(sheet_total, criteria, values) is code


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("a", Decimal(0)), Fault.BAD_CRITERION),
        (("", Decimal(5)), Fault.BAD_CRITERION),
        (("a", Decimal(25), "stars"), Fault.BAD_CRITERION),
        (("a", Decimal(25), "points", Decimal(2)), Fault.BAD_CRITERION),
        (("a", Decimal(25), "ten_point", Decimal(2)), Fault.BAD_CRITERION),
        (("a", Decimal(10), "ten_point", Decimal(0)), Fault.BAD_CRITERION),
        (("a", Decimal(10), "ten_point", Decimal("2.00005")), Fault.TOO_MANY_DECIMALS),
    ],
)
def test_bad_criteria_are_refused(arguments, code):
    assert refusal(Criterion, *arguments) is code


def test_criterion_listed_twice_is_refused():
    twice = [Criterion("a", Decimal(5)), Criterion("a", Decimal(5))]
    assert refusal(sheet_total, twice, {"a": Decimal(3)}) is Fault.BAD_CRITERION


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"aggregation": "median"}, Fault.BAD_RULE),
        ({"drop_high": -1}, Fault.BAD_RULE),
        ({"drop_low": 0.5}, Fault.BAD_RULE),
        ({"min_scores_for_trim": 0}, Fault.BAD_RULE),
        ({"panel_minimum": 0}, Fault.BAD_RULE),
        ({"decimals": 7}, Fault.BAD_RULE),
        ({"tie_chain": ("coin",)}, Fault.BAD_TIE_CHAIN),
        ({"tie_chain": ("criterion:",)}, Fault.BAD_TIE_CHAIN),
        ({"tie_chain": ("both_advance", "earlier_round")}, Fault.BAD_TIE_CHAIN),
        ({"tie_chain": ("earlier_round", "earlier_round")}, Fault.BAD_TIE_CHAIN),
    ],
)
def test_bad_rules_are_refused(settings, code):
    assert refusal(Rule, **settings) is code


def test_judge_twice_or_recused_with_a_score_is_refused():
    assert refusal(entry_result, [SheetScore(1, 9000), SheetScore(1, 8000)], MEAN) is Fault.DUPLICATE_JUDGE
    assert refusal(entry_result, [SheetScore(1, 9000, recused=True)], MEAN) is Fault.RECUSED_WITH_SCORE


def test_mean_of_nothing_is_refused():
    assert refusal(mean, []) is Fault.NOTHING_TO_AVERAGE


# Properties

hundredths = st.integers(min_value=0, max_value=10_000)
panels = st.lists(hundredths, min_size=1, max_size=12)
rules = st.builds(
    Rule,
    aggregation=st.sampled_from(Aggregation),
    drop_high=st.integers(0, 2),
    drop_low=st.integers(0, 2),
    min_scores_for_trim=st.integers(1, 6),
)


def of(totals):
    return [SheetScore(judge, total) for judge, total in enumerate(totals)]


@given(panels, rules, st.randoms())
def test_judges_order_never_matters(totals, rule, random):
    sheets = of(totals)
    shuffled = random.sample(sheets, len(sheets))
    assert entry_result(shuffled, rule) == entry_result(sheets, rule)


@given(panels, rules)
def test_every_sheet_is_used_or_dropped_and_score_lies_between(totals, rule):
    result = entry_result(of(totals), rule)
    seen = [sheet.judge for part in (result.used, result.dropped_high, result.dropped_low) for sheet in part]
    assert sorted(seen) == list(range(len(totals)))
    assert min(totals) <= result.exact * 100 <= max(totals)
    assert result.exact == Fraction(sum(int(s.total * 100) for s in result.used), 100 * result.count)


@given(panels, rules, st.data())
def test_raising_one_score_never_lowers_the_result(totals, rule, data):
    judge = data.draw(st.integers(0, len(totals) - 1))
    raised = [*totals]
    raised[judge] = data.draw(st.integers(totals[judge], 10_000))
    assert entry_result(of(raised), rule).exact >= entry_result(of(totals), rule).exact


@given(st.lists(hundredths, min_size=3, max_size=9), st.integers(0, 10_000))
def test_one_extreme_judge_cannot_leave_the_range_of_the_others(totals, wild):
    result = entry_result(of([*totals, wild]), TRIMMED)
    assert min(totals) <= result.exact * 100 <= max(totals)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4), st.integers(0, 6))
def test_half_up_is_the_nearest_with_halves_away_from_zero(numerator, denominator, decimals):
    exact = Fraction(numerator, denominator)
    shown = half_up(exact, decimals)
    error = abs(Fraction(shown)) - abs(exact)
    assert -Fraction(1, 2 * 10**decimals) < error <= Fraction(1, 2 * 10**decimals)
    assert -shown.as_tuple().exponent == decimals


@given(st.decimals(min_value=0, max_value=1000, places=5))
def test_half_up_agrees_with_decimal(value):
    assert half_up(Fraction(value), 2) == value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(panels)
def test_callers_decimal_context_cannot_change_a_score(totals):
    expected = entry_result(of(totals), TRIMMED)
    with localcontext() as context:
        context.prec = 2
        assert entry_result(of(totals), TRIMMED) == expected


@given(st.lists(st.integers(0, 1000), min_size=5, max_size=5))
def test_sheet_total_is_exact_in_any_context(marks):
    weights = (Decimal("2.5"), Decimal("2.25"), Decimal(2), Decimal("2.15"), Decimal("1.1"))
    criteria = [Criterion(c, Decimal(10), Mode.TEN_POINT, w) for c, w in zip(CODES, weights, strict=True)]
    exact = sum(Fraction(m, 100) * Fraction(w) for m, w in zip(marks, weights, strict=True))
    with localcontext() as context:
        context.prec = 2
        total = sheet_total(criteria, dict(zip(CODES, marks, strict=True)))
    assert Fraction(total) == exact
