"""The registration form as data: what a draft keeps, what a submission accepts."""

import pytest

from competition import fields
from competition.fields import Step
from core.errors import InvalidInput
from tests.factories.competition import entry_values

CHOICES = {"track": {"manufacturing"}, "division_code": {"650102"}}


def complete(**changes):
    return {**entry_values(), "registered_on": "2025-03-01", "division_code": "650102", **changes}


def test_a_complete_form_has_no_problem():
    checked = fields.check(complete(), CHOICES)
    assert checked.problems == {}
    assert checked.values["revenue"] == 860_500_000
    assert checked.values["staff_count"] == 25
    assert fields.intellectual_property(checked.values) == (1, 0)


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("title", "", "请填写参赛项目名称。"),
        ("abstract", "字" * 501, "项目简介最多 500 字，现为 501 字。"),
        ("revenue", "-3", "金额不能为负数。"),
        ("revenue", "1e3", "金额应为以万元为单位的数字，例如 1234.56，不带单位、字母和其他符号。"),
        ("staff_count", "二十", "请填写整数。"),
        ("track", "mining", "请重新选择行业。"),
        ("division_code", "110101", "请重新选择注册地（县市区）。"),
        ("contact_phone", "12345", "手机号应为 11 位数字，现为 5 位。"),
        ("registered_on", "2025-02-30", "“2025-02-30”不是存在的日期。"),
        ("integrity", False, "请阅读并勾选真实性与信用承诺。"),
    ],
)
def test_each_problem_has_its_sentence(name, typed, sentence):
    assert fields.check(complete(**{name: typed}), CHOICES).problems == {name: sentence}


def test_a_loss_is_an_amount():
    assert fields.check(complete(profit="-12.5"), CHOICES).values["profit"] == -12_500_000


def test_a_broken_row_says_which():
    rows = [entry_values()["ip_items"][0], {"kind": "invention", "name": "", "state": "granted"}]
    problems = fields.check(complete(ip_items=rows), CHOICES).problems
    assert problems == {"ip_items": "知识产权第 2 行：请填写名称。"}


def test_more_members_than_the_form_takes():
    member = {"name": "李四"}
    problems = fields.check(complete(members=[member] * 11), CHOICES).problems
    assert problems == {"members": "核心成员最多 10 项，现为 11 项。"}


def test_long_names_with_middle_dots_are_fine():
    name = "·".join(["阿卜杜热合曼"] * 5)[:40]
    assert fields.check(complete(leader_name=name), CHOICES).problems == {}


def test_a_draft_keeps_what_was_typed_even_when_wrong():
    kept = fields.keep({"revenue": "约 300 万", "abstract": "一\r\n二\x00", "integrity": "y"})
    assert kept == {"revenue": "约 300 万", "abstract": "一\n二", "integrity": True}


def test_a_draft_drops_blank_rows_and_unknown_columns():
    rows = [{"name": "李四", "role": "x"}, {"name": "  "}]
    kept = fields.keep({"members": rows})["members"]
    assert kept == [{"name": "李四", "position": "", "degree": "", "background": "", "share": ""}]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"state": "accepted"}, "unknown_field"),
        ({"title": "字" * 20_001}, "too_long"),
        ({"members": "李四"}, "bad_rows"),
        ({"members": [["李四"]]}, "bad_rows"),
    ],
)
def test_a_draft_refuses_what_is_no_form(values, code):
    with pytest.raises(InvalidInput) as refused:
        fields.keep(values)
    assert refused.value.code == code


def test_every_step_but_the_files_has_fields_and_every_name_is_unique():
    assert {step for step in Step if not fields.of_step(step)} == {Step.FILES}
    assert len(fields.BY_NAME) == len(fields.FIELDS)


@pytest.mark.parametrize(
    ("name", "known"),
    [("title", True), ("attachment:licence", True), ("attachment:song", False), ("state", False)],
)
def test_known_names(name, known):
    assert fields.is_known(name) is known
