"""Figures read out of Chinese wording."""

from decimal import Decimal

import pytest

from fund.wording import (
    chinese_int,
    collapse,
    core,
    fuzzy_phrases,
    is_bare_figure,
    is_copied,
    plain,
    quantities,
    shared,
)


@pytest.mark.parametrize(
    "text, value, unit, fen",
    [
        ("5元", 5, "元", 500),
        ("1,200.5万元", Decimal("1200.5"), "万元", 1_200_500_000),
        ("0.5亿元", Decimal("0.5"), "亿元", 5_000_000_000),
        ("135万", 135, "万", 135_000_000),
        ("３０项", 30, "项", None),
        ("1.5万户", 15000, "户", None),
        ("1100人次", 1100, "人次", None),
        ("97.5％", Decimal("97.5"), "%", None),
        ("10", 10, "", None),
    ],
)
def test_quantity(text, value, unit, fen):
    (read,) = quantities(plain(text))
    assert (read.value, read.unit, read.fen) == (value, unit, fen)


@pytest.mark.parametrize(
    "text, number",
    [("三", 3), ("两", 2), ("十", 10), ("十二", 12), ("二十", 20), ("三十六", 36), ("24", 24)],
)
def test_chinese_int(text, number):
    assert chinese_int(text) == number


@pytest.mark.parametrize(
    "text, as_target, as_result",
    [
        ("700余家", True, True),
        ("20多项", True, True),
        ("约300人", True, True),
        ("近300人", True, True),
        ("1000左右", True, True),
        ("若干期", True, True),
        ("500户以上", False, True),
        ("不少于10次", False, True),
        ("≥90%", False, True),
        ("10-12次", False, True),
        ("300人", False, False),
        ("近3年共300人", False, False),
        ("近30年最好", False, False),
        ("节约20%", False, False),
        ("结余2万元", False, False),
        ("新建12个多功能厅", False, False),
        ("第1-3期", False, False),
        ("2019年5月至6月", False, False),
    ],
)
def test_fuzzy(text, as_target, as_result):
    assert [bool(fuzzy_phrases(text, is_result=kind)) for kind in (False, True)] == [as_target, as_result]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("某某自治区科技下乡行动", "科技下乡"),
        ("农机补贴专项资金（第二批）", "农机补贴"),
        ("专项资金", "专项资金"),
        ("全省育种工程", "育种"),
    ],
)
def test_core(name, expected):
    assert core(name) == expected


def test_collapse_and_shared():
    assert collapse("培训 培训人数") == "培训人数"
    assert collapse("创新创业") == "创新创业"
    assert (shared("组建服务团队", "选派服务团"), shared("甲", "乙")) == ("服务团", "")


@pytest.mark.parametrize(
    "target, actual, copied",
    [("30个", "30 个", True), ("30个", "31个", False), ("", "", False), ("按期", "按期完成", False)],
)
def test_copied(target, actual, copied):
    assert is_copied(target, actual) is copied


@pytest.mark.parametrize(
    "text, bare",
    [
        ("30个", True),
        ("举办6场", True),
        ("1,200万元", True),
        ("覆盖9个县（其中北部4个）", False),
        ("按期", False),
    ],
)
def test_bare_figure(text, bare):
    assert is_bare_figure(text) is bare
