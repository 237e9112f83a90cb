"""The rule engine: each rule a table of (facts, parameters) -> outcome and reason."""

import json
from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.eligibility import (
    OUTCOME_LABELS,
    REASON_LABELS,
    RULE_LABELS,
    AwardBar,
    AwardCap,
    Facts,
    Parameters,
    PastAward,
    Reason,
    Rule,
    describe,
    evaluate,
    explain_group,
    group_of,
    is_encouragement_only,
    overall,
    parameters_from,
    refuse_tier,
)
from competition.enums import Outcome

ON = date(2018, 6, 20)
WAN = 1_000_000
EDITION_2018 = Parameters(
    edition_year=2018,
    startup_from=date(2017, 1, 1),
    revenue_year=2017,
    entry_revenue_max_fen=20_000 * WAN,
    founded_from=date(2008, 1, 1),
    region_divisions=frozenset({"650000"}),
    sme_number_years=frozenset({2018}),
)
GROWN = Facts(
    registered_on=date(2012, 5, 8),
    revenue_fen=3_000 * WAN,
    listed=False,
    ip_granted=2,
    ip_pending=0,
    integrity_signed=True,
    credit_code="91650100MA0000001U",
    division_code="650104",
    sme_number="2018650104A8000123",
)
YOUNG = replace(GROWN, registered_on=date(2017, 3, 1), sme_number=None)


def answer(rule: Rule, facts=GROWN, parameters=EDITION_2018, **asked):
    """(outcome, reason) of one rule, or None where it is switched off."""
    found = [f for f in evaluate(facts, parameters, on=ON, **asked) if f.rule is rule]
    assert len(found) <= 1
    return (found[0].outcome, found[0].reason) if found else None


def test_an_enterprise_in_order_passes_every_rule():
    findings = evaluate(GROWN, EDITION_2018, on=ON, stage="recommendation")
    assert [f.rule for f in findings] == [
        Rule.CREDIT_CODE,
        Rule.REGION,
        Rule.FOUNDED,
        Rule.REVENUE,
        Rule.LISTED,
        Rule.INTELLECTUAL_PROPERTY,
        Rule.INTEGRITY,
        Rule.ENTERPRISE_NUMBER,
        Rule.NATIONAL_WINNER,
        Rule.ACCEPTANCE,
        Rule.OTHER_ENTRY,
    ]
    assert {f.outcome for f in findings} == {Outcome.PASS}
    assert overall(findings) is Outcome.PASS


@pytest.mark.parametrize(
    ("registered_on", "group", "days"),
    [
        (date(2016, 12, 31), "growth", -1),
        (date(2017, 1, 1), "startup", 0),
        (date(2017, 3, 1), "startup", 59),
    ],
)
def test_group_is_computed_and_explained(registered_on, group, days):
    startup_from = date(2017, 1, 1)
    assert group_of(registered_on, startup_from) == group
    explained = explain_group(registered_on, startup_from)
    assert (explained.group, explained.registered_on, explained.startup_from, explained.days) == (
        group,
        registered_on,
        startup_from,
        days,
    )


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("91650100MA0000001U", Outcome.PASS, Reason.CREDIT_CODE_VALID),
        ("91650100MA0000001T", Outcome.FAIL, Reason.CREDIT_CODE_INVALID),
        ("", Outcome.FAIL, Reason.CREDIT_CODE_INVALID),
        ("91110000600037341L", Outcome.MANUAL, Reason.CREDIT_CODE_ELSEWHERE),
    ],
)
def test_credit_code(code, outcome, reason):
    assert answer(Rule.CREDIT_CODE, replace(GROWN, credit_code=code)) == (outcome, reason)


@pytest.mark.parametrize(
    ("division", "outcome", "reason"),
    [
        ("650104", Outcome.PASS, Reason.REGION_INSIDE),
        ("652301", Outcome.PASS, Reason.REGION_INSIDE),
        ("652302", Outcome.MANUAL, Reason.REGION_GUEST),
        ("652901", Outcome.FAIL, Reason.REGION_OUTSIDE),
        ("BT08", Outcome.MANUAL, Reason.REGION_GUEST),
        (None, Outcome.MANUAL, Reason.REGION_UNKNOWN),
    ],
)
def test_region_by_county_prefecture_and_guest(division, outcome, reason):
    parameters = replace(
        EDITION_2018,
        region_divisions=frozenset({"650100", "652300"}),
        guest_divisions=frozenset({"BT00", "652302"}),
    )
    assert answer(Rule.REGION, replace(GROWN, division_code=division), parameters) == (outcome, reason)


@pytest.mark.parametrize(
    ("registered_on", "outcome", "reason"),
    [
        (date(2008, 1, 1), Outcome.PASS, Reason.FOUNDED_IN_TIME),
        (date(2007, 12, 31), Outcome.FAIL, Reason.FOUNDED_TOO_EARLY),
        (date(2018, 6, 20), Outcome.PASS, Reason.FOUNDED_IN_TIME),
        (date(2018, 6, 21), Outcome.MANUAL, Reason.FOUNDED_IN_FUTURE),
        (None, Outcome.MANUAL, Reason.FOUNDED_UNKNOWN),
    ],
)
def test_founded(registered_on, outcome, reason):
    assert answer(Rule.FOUNDED, replace(GROWN, registered_on=registered_on)) == (outcome, reason)


@pytest.mark.parametrize(
    ("revenue_fen", "registered_on", "outcome", "reason"),
    [
        (20_000 * WAN, date(2012, 1, 1), Outcome.PASS, Reason.REVENUE_WITHIN),
        (20_000 * WAN + 1, date(2012, 1, 1), Outcome.FAIL, Reason.REVENUE_ABOVE),
        (0, date(2012, 1, 1), Outcome.PASS, Reason.REVENUE_WITHIN),
        (None, date(2018, 1, 1), Outcome.PASS, Reason.REVENUE_NO_YEAR_YET),
        (None, date(2017, 12, 31), Outcome.MANUAL, Reason.REVENUE_UNKNOWN),
        (None, None, Outcome.MANUAL, Reason.REVENUE_UNKNOWN),
    ],
)
def test_revenue_limit_is_inclusive(revenue_fen, registered_on, outcome, reason):
    facts = replace(GROWN, revenue_fen=revenue_fen, registered_on=registered_on)
    assert answer(Rule.REVENUE, facts) == (outcome, reason)


@pytest.mark.parametrize(
    ("listed", "outcome", "reason"),
    [
        (False, Outcome.PASS, Reason.NOT_LISTED),
        (True, Outcome.FAIL, Reason.LISTED),
        (None, Outcome.MANUAL, Reason.LISTED_UNKNOWN),
    ],
)
def test_listed(listed, outcome, reason):
    assert answer(Rule.LISTED, replace(GROWN, listed=listed)) == (outcome, reason)


@pytest.mark.parametrize(
    ("facts", "granted", "pending", "pending_ok", "outcome", "reason"),
    [
        (GROWN, 1, 0, False, Outcome.PASS, Reason.IP_GRANTED),
        (GROWN, 0, 3, True, Outcome.FAIL, Reason.IP_PENDING_ONLY),
        (YOUNG, 0, 1, False, Outcome.FAIL, Reason.IP_PENDING_ONLY),
        (YOUNG, 0, 1, True, Outcome.PASS, Reason.IP_PENDING_ACCEPTED),
        (YOUNG, 0, 0, True, Outcome.FAIL, Reason.IP_TOO_FEW),
        (replace(YOUNG, registered_on=None), 0, 1, True, Outcome.MANUAL, Reason.IP_PENDING_ONLY),
    ],
)
def test_intellectual_property(facts, granted, pending, pending_ok, outcome, reason):
    parameters = replace(EDITION_2018, ip_pending_ok_for_startup=pending_ok)
    facts = replace(facts, ip_granted=granted, ip_pending=pending)
    assert answer(Rule.INTELLECTUAL_PROPERTY, facts, parameters) == (outcome, reason)


def test_integrity():
    assert answer(Rule.INTEGRITY, replace(GROWN, integrity_signed=False)) == (
        Outcome.FAIL,
        Reason.INTEGRITY_UNSIGNED,
    )


SME, OLD_SME, BAD_SME = "2018650104A8000123", "2017650104A8000123", "2018-1"
VALID, EXPIRED = date(2018, 6, 20), date(2018, 6, 19)


@pytest.mark.parametrize(
    ("facts", "sme", "hightech", "until", "outcome", "reason"),
    [
        (GROWN, SME, None, None, Outcome.PASS, Reason.SME_NUMBER_VALID),
        (GROWN, OLD_SME, None, None, Outcome.FAIL, Reason.SME_NUMBER_OTHER_YEAR),
        (GROWN, BAD_SME, None, None, Outcome.FAIL, Reason.SME_NUMBER_MALFORMED),
        (GROWN, None, None, None, Outcome.FAIL, Reason.NUMBER_MISSING),
        (GROWN, None, "GR201765000123", VALID, Outcome.PASS, Reason.HIGHTECH_VALID),
        (GROWN, OLD_SME, "GR201765000123", VALID, Outcome.PASS, Reason.HIGHTECH_VALID),
        (GROWN, None, "GR201565000123", EXPIRED, Outcome.FAIL, Reason.HIGHTECH_EXPIRED),
        (GROWN, OLD_SME, "GR201565000123", EXPIRED, Outcome.FAIL, Reason.SME_NUMBER_OTHER_YEAR),
        (GROWN, None, "GR201765000123", None, Outcome.MANUAL, Reason.HIGHTECH_TERM_UNKNOWN),
        (YOUNG, None, None, None, Outcome.PASS, Reason.NUMBER_EXEMPT),
        (replace(GROWN, registered_on=None), None, None, None, Outcome.MANUAL, Reason.NUMBER_GROUP_UNKNOWN),
    ],
)
def test_enterprise_number_at_recommendation(facts, sme, hightech, until, outcome, reason):
    facts = replace(facts, sme_number=sme, hightech_number=hightech, hightech_valid_until=until)
    assert answer(Rule.ENTERPRISE_NUMBER, facts, stage="recommendation") == (outcome, reason)


def test_enterprise_number_is_no_obstacle_at_registration_unless_the_edition_says_so():
    bare = replace(GROWN, sme_number=None)
    assert answer(Rule.ENTERPRISE_NUMBER, bare) == (Outcome.PASS, Reason.NUMBER_NOT_YET_REQUIRED)
    strict = replace(EDITION_2018, number_required_at="registration")
    assert answer(Rule.ENTERPRISE_NUMBER, bare, strict) == (Outcome.FAIL, Reason.NUMBER_MISSING)
    of_all = replace(EDITION_2018, number_exempts_startup=False)
    assert answer(Rule.ENTERPRISE_NUMBER, YOUNG, of_all, stage="recommendation") == (
        Outcome.FAIL,
        Reason.NUMBER_MISSING,
    )


def test_hightech_certificate_counts_only_where_accepted():
    facts = replace(GROWN, sme_number=None, hightech_number="GR201765000123", hightech_valid_until=VALID)
    only_sme = replace(EDITION_2018, hightech_accepted=False)
    assert answer(Rule.ENTERPRISE_NUMBER, facts, only_sme, stage="recommendation") == (
        Outcome.FAIL,
        Reason.NUMBER_MISSING,
    )


NATIONAL_2016 = PastAward("national", 2016, "third", "growth")
PROVINCIAL_2017 = PastAward("provincial", 2017, "second", "growth")
CITY_2015 = PastAward("city", 2015, "first", "startup")
REGIONAL = frozenset({"provincial", "city"})


@pytest.mark.parametrize(
    ("award", "outcome"),
    [
        (NATIONAL_2016, Outcome.FAIL),
        (replace(NATIONAL_2016, edition_year=2012), Outcome.FAIL),
        (replace(NATIONAL_2016, tier="encouragement"), Outcome.PASS),
        (replace(NATIONAL_2016, edition_year=2018), Outcome.PASS),
        (PROVINCIAL_2017, Outcome.PASS),
    ],
)
def test_national_winners_are_barred_for_ever(award, outcome):
    assert answer(Rule.NATIONAL_WINNER, replace(GROWN, past_awards=(award,)))[0] is outcome


@pytest.mark.parametrize(
    ("award", "outcome"),
    [(PROVINCIAL_2017, Outcome.FAIL), (CITY_2015, Outcome.PASS), (NATIONAL_2016, Outcome.PASS)],
)
def test_recent_regional_winners_are_barred_within_the_years(award, outcome):
    parameters = replace(EDITION_2018, recent_winner=AwardBar(REGIONAL, within_years=2))
    assert answer(Rule.RECENT_WINNER, replace(GROWN, past_awards=(award,)), parameters)[0] is outcome
    assert answer(Rule.RECENT_WINNER, replace(GROWN, past_awards=(award,))) is None


@pytest.mark.parametrize(
    ("awards", "outcome", "reason"),
    [
        ((), Outcome.PASS, Reason.AWARD_CAP_FREE),
        ((PROVINCIAL_2017,), Outcome.PASS, Reason.AWARD_MUST_IMPROVE),
        ((PROVINCIAL_2017, CITY_2015), Outcome.FAIL, Reason.AWARD_CAP_REACHED),
    ],
)
def test_lifetime_cap(awards, outcome, reason):
    parameters = replace(EDITION_2018, award_cap=AwardCap(REGIONAL))
    assert answer(Rule.AWARD_CAP, replace(GROWN, past_awards=awards), parameters) == (outcome, reason)


@pytest.mark.parametrize(
    ("tier", "group", "reasons"),
    [
        ("first", "growth", []),
        ("second", "growth", [Reason.AWARD_MUST_IMPROVE]),
        ("third", "growth", [Reason.AWARD_MUST_IMPROVE]),
        ("third", "startup", []),
        ("encouragement", "growth", []),
    ],
)
def test_a_further_award_must_be_higher_or_in_the_other_group(tier, group, reasons):
    parameters = replace(EDITION_2018, award_cap=AwardCap(REGIONAL))
    facts = replace(GROWN, past_awards=(PROVINCIAL_2017,))
    assert [f.reason for f in refuse_tier(facts, parameters, tier=tier, group=group)] == reasons


def test_no_award_beyond_the_cap():
    parameters = replace(EDITION_2018, award_cap=AwardCap(REGIONAL))
    facts = replace(GROWN, past_awards=(PROVINCIAL_2017, CITY_2015))
    assert [f.reason for f in refuse_tier(facts, parameters, tier="first", group="growth")] == [
        Reason.AWARD_CAP_REACHED
    ]


@pytest.mark.parametrize(
    ("rule", "passed", "expected"),
    [
        ("manual", False, (Outcome.MANUAL, Reason.ACCEPTANCE_UNFINISHED)),
        ("fail", False, (Outcome.FAIL, Reason.ACCEPTANCE_UNFINISHED)),
        ("fail", True, (Outcome.PASS, Reason.ACCEPTANCE_CLEAR)),
        ("fail", None, (Outcome.PASS, Reason.ACCEPTANCE_CLEAR)),
        (None, False, None),
    ],
)
def test_unfinished_acceptance(rule, passed, expected):
    facts = replace(GROWN, past_awards=(replace(PROVINCIAL_2017, acceptance_passed=passed),))
    parameters = replace(EDITION_2018, unfinished_acceptance=rule)
    assert answer(Rule.ACCEPTANCE, facts, parameters) == expected


def test_repeat_winner_may_play_for_encouragement_only():
    parameters = replace(EDITION_2018, repeat_winner=AwardBar(REGIONAL))
    facts = replace(GROWN, past_awards=(CITY_2015,))
    assert answer(Rule.REPEAT_WINNER, facts, parameters) == (Outcome.PASS, Reason.ENCOURAGEMENT_ONLY)
    assert is_encouragement_only(facts, parameters)
    assert not is_encouragement_only(facts, EDITION_2018)
    assert not is_encouragement_only(GROWN, parameters)
    refused = refuse_tier(facts, parameters, tier="third", group="growth")
    assert [f.reason for f in refused] == [Reason.ENCOURAGEMENT_ONLY]
    assert refuse_tier(facts, parameters, tier="encouragement", group="growth") == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("fail", (Outcome.FAIL, Reason.OTHER_ENTRY)),
        ("manual", (Outcome.MANUAL, Reason.OTHER_ENTRY)),
        (None, None),
    ],
)
def test_one_sub_contest_a_year(rule, expected):
    facts = replace(GROWN, other_entry_this_year=True)
    assert answer(Rule.OTHER_ENTRY, facts, replace(EDITION_2018, other_entry=rule)) == expected


def test_switched_off_rules_give_no_finding():
    off = Parameters(
        edition_year=2023,
        startup_from=date(2022, 1, 1),
        revenue_year=2022,
        entry_revenue_max_fen=None,
        listed_barred=False,
        ip_min=0,
        integrity_required=False,
        number_required_at=None,
        national_winner=None,
        unfinished_acceptance=None,
        other_entry=None,
    )
    assert [f.rule for f in evaluate(GROWN, off, on=ON)] == [Rule.CREDIT_CODE]


def test_overall_is_the_worst_outcome():
    fails = evaluate(replace(GROWN, listed=True, division_code=None), EDITION_2018, on=ON)
    asks = evaluate(replace(GROWN, division_code=None), EDITION_2018, on=ON)
    assert (overall(fails), overall(asks), overall([])) == (Outcome.FAIL, Outcome.MANUAL, Outcome.PASS)


def test_findings_carry_fact_and_limit_and_go_into_json():
    facts = replace(GROWN, revenue_fen=20_001 * WAN, past_awards=(NATIONAL_2016,))
    findings = {f.rule: f for f in evaluate(facts, EDITION_2018, on=ON)}
    assert (findings[Rule.REVENUE].fact, findings[Rule.REVENUE].limit) == (20_001 * WAN, 20_000 * WAN)
    assert (findings[Rule.FOUNDED].fact, findings[Rule.FOUNDED].limit) == ("2012-05-08", "2008-01-01")
    assert findings[Rule.NATIONAL_WINNER].fact == ("2016 national third growth",)
    stored = json.loads(json.dumps([asdict(f) for f in findings.values()]))
    assert stored[3]["reason"] == "revenue_above"


def test_every_rule_outcome_and_reason_has_a_label():
    assert set(RULE_LABELS) == set(Rule)
    assert set(OUTCOME_LABELS) == set(Outcome)
    assert set(REASON_LABELS) == set(Reason)


bars = st.none() | st.builds(
    AwardBar,
    levels=st.frozensets(st.sampled_from(["national", "provincial", "city"])),
    tiers=st.frozensets(st.sampled_from(["first", "second", "third"])),
    within_years=st.none() | st.integers(1, 5),
)
parameter_sets = st.builds(
    Parameters,
    edition_year=st.integers(2012, 2030),
    startup_from=st.dates(),
    revenue_year=st.integers(2011, 2029),
    entry_revenue_max_fen=st.none() | st.integers(0, 2**62),
    founded_from=st.none() | st.dates(),
    region_divisions=st.frozensets(st.sampled_from(["650000", "650100", "BT00"])),
    sme_number_years=st.frozensets(st.integers(2016, 2026)),
    national_winner=bars,
    recent_winner=bars,
    award_cap=st.none() | st.builds(AwardCap, levels=st.frozensets(st.just("city")), most=st.integers(1, 5)),
    repeat_winner=bars,
    other_entry=st.sampled_from(["fail", "manual", None]),
)
past_awards = st.builds(
    PastAward,
    st.sampled_from(["national", "provincial", "city"]),
    st.integers(2010, 2030),
    st.sampled_from(["first", "second", "third", "encouragement"]),
    st.sampled_from(["startup", "growth"]),
    st.none() | st.booleans(),
)


@given(parameter_sets)
def test_parameters_survive_plain_data(parameters):
    assert parameters_from(json.loads(json.dumps(describe(parameters)))) == parameters


@given(
    parameter_sets,
    st.lists(past_awards, max_size=5),
    st.randoms(use_true_random=False),
    st.none() | st.dates(),
    st.none() | st.integers(0, 2**63 - 1),
)
def test_order_of_past_awards_never_matters(parameters, awards, rng, registered_on, revenue_fen):
    facts = replace(GROWN, registered_on=registered_on, revenue_fen=revenue_fen, past_awards=tuple(awards))
    mixed = list(awards)
    rng.shuffle(mixed)
    assert evaluate(facts, parameters, on=ON) == evaluate(
        replace(facts, past_awards=tuple(mixed)), parameters, on=ON
    )
