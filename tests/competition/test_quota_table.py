"""Places of single units as typed lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition import quota_table
from core.errors import InvalidInput

NAMES = {
    "region": {"乌鲁木齐赛区": "7", "喀什 克州赛区": "8", "喀什": "9"},
    "track": {"新材料": "materials", "新材料与能源": "both"},
    "group": {"初创组": "startup", "成长组": "growth"},
}


@pytest.mark.parametrize(
    ("text", "by", "table"),
    [
        ("乌鲁木齐赛区 初创组：5", ("region", "group"), [[["7", "startup"], 5]]),
        (
            "乌鲁木齐赛区/成长组: 12 个\n\n 喀什 初创组=0 ",
            ("region", "group"),
            [[["7", "growth"], 12], [["9", "startup"], 0]],
        ),
        ("喀什 克州赛区 成长组：1", ("region", "group"), [[["8", "growth"], 1]]),
        ("新材料与能源：3\n新材料：4", ("track",), [[["both"], 3], [["materials"], 4]]),
        ("", ("region",), []),
    ],
)
def test_lines_become_units(text, by, table):
    assert quota_table.parse(text, by, NAMES) == table
    assert quota_table.parse(quota_table.words(table, by, NAMES), by, NAMES) == table


@pytest.mark.parametrize(
    "text", ["乌鲁木齐赛区：5", "乌鲁木齐赛区 初创组 5", "和田 初创组：5", "乌鲁木齐赛区 初创组：-1", "：5"]
)
def test_a_line_that_cannot_be_read_is_named(text):
    with pytest.raises(InvalidInput, match="第 2 行"):
        quota_table.parse("喀什 初创组：1\n" + text, ("region", "group"), NAMES)


def test_the_same_unit_twice_is_refused():
    with pytest.raises(InvalidInput, match="重复"):
        quota_table.parse("初创组：1\n初创组：2", ("group",), NAMES)


@given(st.text(max_size=60))
def test_nothing_typed_breaks_it(text):
    try:
        table = quota_table.parse(text, ("region", "group"), NAMES)
    except InvalidInput:
        return
    assert all(len(unit) == 2 and places >= 0 for unit, places in table)
