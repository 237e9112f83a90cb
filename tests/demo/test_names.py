"""The invented enterprises, judges and institutions: valid where the product checks, different, repeatable."""

import random
import re
from collections import Counter
from datetime import date

import pytest

from competition import fields, validators
from competition.eligibility import Facts, Parameters, Rule, evaluate, group_of
from competition.enums import Group, Outcome
from demo.edition_2018 import TRACKS
from demo.names import content, counties, enterprises, institutions, judges, person, short_name

COUNT = 900
STARTUP_FROM = date(2017, 1, 1)
LIMIT_FEN = 20_000_000_000
TRACK_CODES = [code for code, _ in TRACKS]


@pytest.fixture(scope="module")
def entrants():
    return enterprises(random.Random(2018), COUNT)


def test_the_same_seed_gives_the_same_enterprises(entrants):
    assert enterprises(random.Random(2018), COUNT) == entrants
    assert enterprises(random.Random(2019), COUNT) != entrants


@pytest.mark.parametrize("attribute", ["name", "credit_code", "phone", "email"])
def test_what_identifies_an_enterprise_is_unique(entrants, attribute):
    assert len({getattr(e, attribute) for e in entrants}) == COUNT


def test_titles_and_numbers_are_unique(entrants):
    assert len({e.project.title for e in entrants}) == COUNT
    numbers = [e.sme_number for e in entrants if e.sme_number] + [i.number for e in entrants for i in e.ip]
    assert len(set(numbers)) == len(numbers)


def test_every_value_passes_the_checks_of_the_product(entrants):
    known = {place.code for place in counties(2018)}
    for e in entrants:
        assert validators.credit_code(e.credit_code) == e.credit_code
        assert validators.mobile(e.phone) == e.phone
        assert validators.email(e.email) == e.email
        assert validators.name_text(e.name) == e.name
        assert validators.division_code(e.county_code, known) == e.county_code
        assert e.credit_code[2:8] == e.county_code
        if e.sme_number:
            assert validators.sme_number(e.sme_number) == e.sme_number
        if e.hightech_number:
            assert validators.hightech_number(e.hightech_number) == e.hightech_number


def test_every_enterprise_fills_the_registration_form_without_a_problem(entrants):
    choices = {"track": set(TRACK_CODES), "division_code": {place.code for place in counties(2018)}}
    for e in entrants:
        checked = fields.check(fields.keep(content(e)), choices)
        assert checked.problems == {}
        assert checked.values["revenue"] == (e.revenue_fen or 0)
        assert checked.values["registered_on"] == e.registered_on
        assert fields.intellectual_property(checked.values) == (
            sum(i.state == "granted" for i in e.ip),
            sum(i.state == "pending" for i in e.ip),
        )


def test_a_bit_more_than_a_quarter_are_startups(entrants):
    groups = Counter(group_of(e.registered_on, STARTUP_FROM) for e in entrants)
    assert groups == {Group.STARTUP: 252, Group.GROWTH: 648}


def test_every_prefecture_and_track_has_entrants_and_the_capital_most(entrants):
    prefectures = Counter(e.prefecture_code for e in entrants)
    assert len(prefectures) == 14
    assert prefectures.most_common(1)[0][0] == "650100"
    assert set(Counter(e.track for e in entrants)) == set(TRACK_CODES)


def test_a_few_of_each_odd_case_for_the_review(entrants):
    odd = Counter()
    for e in entrants:
        odd["above"] += (e.revenue_fen or 0) > LIMIT_FEN
        odd["at"] += e.revenue_fen == LIMIT_FEN
        odd["listed"] += e.listed
        odd["old"] += e.registered_on < date(2008, 1, 1)
        odd["none"] += not e.ip
        odd["pending"] += bool(e.ip) and all(i.state == "pending" for i in e.ip)
        odd["no_year"] += e.revenue_fen is None
    assert [odd[case] for case in ("above", "at", "listed", "old", "none", "pending")] == [
        10,
        1,
        5,
        10,
        13,
        18,
    ]
    assert odd["no_year"] == sum(e.registered_on.year == 2018 for e in entrants) > 0


def test_most_enterprises_are_eligible_and_the_odd_ones_fail_for_their_reason(entrants):
    parameters = Parameters(
        edition_year=2018,
        startup_from=STARTUP_FROM,
        revenue_year=2017,
        founded_from=date(2008, 1, 1),
        region_divisions=frozenset({"650000"}),
    )
    failed = Counter()
    for e in entrants:
        facts = Facts(
            registered_on=e.registered_on,
            revenue_fen=e.revenue_fen,
            listed=e.listed,
            ip_granted=sum(i.state == "granted" for i in e.ip),
            ip_pending=sum(i.state == "pending" for i in e.ip),
            integrity_signed=True,
            credit_code=e.credit_code,
            division_code=e.county_code,
            sme_number=e.sme_number,
        )
        findings = evaluate(facts, parameters, on=date(2018, 6, 20))
        failed.update(f.rule for f in findings if f.outcome is not Outcome.PASS)
    assert failed == {
        Rule.REVENUE: 10,
        Rule.LISTED: 5,
        Rule.FOUNDED: 10,
        Rule.INTELLECTUAL_PROPERTY: 13 + 18,
    }


def test_most_grown_firms_hold_a_number_and_no_startup_does(entrants):
    grown = [e for e in entrants if e.registered_on < STARTUP_FROM]
    assert 0.8 < sum(bool(e.sme_number) for e in grown) / len(grown) < 0.9
    assert not any(e.sme_number or e.hightech_number for e in entrants if e.registered_on >= STARTUP_FROM)


def test_numbers_within_an_enterprise_agree(entrants):
    for e in entrants:
        assert 1 <= e.research_count <= e.staff_count
        assert e.team[0].name == e.legal_person
        assert len({member.name for member in e.team}) == len(e.team) >= 2
        assert sum(member.share_percent for member in e.team) <= 100
        assert all(e.registered_on <= item.dated_on < date(2018, 6, 1) for item in e.ip)
        assert len(e.project.abstract) < 200


def test_some_names_are_long_and_some_people_carry_a_middle_dot(entrants):
    assert max(len(e.name) for e in entrants) > 40
    assert sum("·" in e.contact_name for e in entrants) > COUNT // 5
    assert all(re.fullmatch(r"[\u4e00-\u9fff]+", e.name) for e in entrants)


def test_nobody_can_be_reached(entrants):
    assert all(e.email.endswith(".example") and e.phone.startswith("154") for e in entrants)
    assert all(item.number.startswith("YS") for e in entrants for item in e.ip)


def test_a_second_call_keeps_its_codes_apart(entrants):
    later = enterprises(random.Random(7), 50, first_serial=COUNT + 1)
    assert not {e.credit_code[8:] for e in later} & {e.credit_code[8:] for e in entrants}
    assert not {e.phone for e in later} & {e.phone for e in entrants}


def test_small_numbers_work():
    assert enterprises(random.Random(1), 0) == []
    assert len(enterprises(random.Random(1), 1)) == 1


def test_divisions_are_those_of_the_year():
    of_2018 = {place.code: place.name for place in counties(2018)}
    assert (of_2018["652923"], of_2018["654223"]) == ("库车县", "沙湾县")
    assert not {"652902", "654203", "653132", "653228", "653229"} & set(of_2018)
    of_2026 = {place.code: place.name for place in counties(2026)}
    assert (of_2026["652902"], of_2026["654203"]) == ("库车市", "沙湾市")
    assert not {"652923", "654223"} & set(of_2026)
    assert len({place.prefecture_code for place in counties(2018)}) == 14
    assert {p.prefecture for p in counties(2018) if p.code == "652923"} == {"阿克苏地区"}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("巴里坤哈萨克自治县", "巴里坤"),
        ("昌吉回族自治州", "昌吉"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("阿克苏地区", "阿克苏"),
        ("库车县", "库车"),
        ("新市区", "新市"),
    ],
)
def test_short_names(name, short):
    assert short_name(name) == short


def test_judges_are_different_cover_all_tracks_and_come_partly_from_elsewhere():
    found = judges(random.Random(5), 60)
    assert found == judges(random.Random(5), 60)
    assert len({judge.name for judge in found}) == 60
    assert Counter(code for judge in found for code in set(judge.tracks)).keys() == set(TRACK_CODES)
    assert {judge.role for judge in found} == {"technical", "investment", "finance", "management"}
    far = [judge for judge in found if judge.region != "新疆维吾尔自治区"]
    assert 12 <= len(far) <= 36
    assert all(1 <= len(judge.tracks) <= 3 and set(judge.tracks) <= set(TRACK_CODES) for judge in found)


def test_fifteen_institutions_and_five_banks():
    found = institutions(random.Random(5))
    assert Counter(i.kind for i in found) == {"institution": 15, "bank": 5}
    assert len({i.name for i in found}) == len({i.contact_phone for i in found}) == 20
    assert all(i.name.endswith("（演示）") for i in found)
    assert all(validators.mobile(i.contact_phone) == i.contact_phone for i in found)


def test_names_of_people_are_valid():
    rng = random.Random(3)
    names = {person(rng) for _ in range(500)}
    assert len(names) > 300
    assert all(validators.name_text(name, longest=60) == name for name in names)
