"""Two years side by side: what pairs, what changed by how much, what is new and what is gone."""

import io
from dataclasses import dataclass, field
from decimal import Decimal

import openpyxl
import pytest

from core.money import FEN_PER_WAN
from fund.comparison import Change, Measure, paired, paired_indicators, timeless
from fund.queries import LineTotals
from fund.results import IndicatorRow
from tests.factories import fund as make

from .test_pages import everyone


@dataclass
class Line:
    name: str
    reported_fen: int | None = None


@dataclass
class Row:
    line: Line
    depth: int
    totals: LineTotals = field(default_factory=LineTotals)


def tree(*rows):
    return [Row(Line(name, None if wan is None else wan * FEN_PER_WAN), depth) for depth, name, wan in rows]


def compared(left, right):
    pairs = paired(tree(*left), tree(*right))
    return [(pair.name, pair.change.value, pair.difference_fen(Measure.REPORTED)) for pair in pairs]


def test_lines_pair_by_their_path_and_the_rest_is_new_or_gone():
    left = [(0, "2025年专项", 300), (1, "甲计划", 100), (2, "培训", 40), (1, "乙计划", 200)]
    right = [(0, "2026年专项", 330), (1, "甲计划", 90), (2, "培训", 40), (1, "丙计划", 240)]
    wan = FEN_PER_WAN
    assert compared(left, right) == [
        ("2025年专项", "both", 30 * wan),
        ("甲计划", "both", -10 * wan),
        ("培训", "both", 0),
        ("乙计划", "gone", None),
        ("丙计划", "new", None),
    ]


def test_a_line_that_moved_pairs_by_a_name_that_occurs_once():
    left = [(0, "专项", 10), (1, "大赛计划", 10)]
    assert compared(left, [(0, "大赛计划（演示数据）", 12)]) == [
        ("专项", "gone", None),
        ("大赛计划", "both", 2 * FEN_PER_WAN),
    ]
    twice = [(0, "甲", 1), (1, "培训", 1), (0, "乙", 1), (1, "培训", 1)]
    assert [row[1] for row in compared(twice, [(0, "培训", 1)])] == ["gone"] * 4 + ["new"]


def test_unstated_amounts_have_no_difference():
    assert compared([(0, "专项", None)], [(0, "专项", 5)]) == [("专项", "both", None)]


@pytest.mark.parametrize(
    "name, expected", [("2018年度大赛专项（演示数据）", "大赛专项"), ("2018", "2018"), ("甲", "甲")]
)
def test_names_without_their_year(name, expected):
    assert timeless(name) == expected


@dataclass
class Told:
    name: str
    actual_value: str | None
    unit: str = "家"


def test_indicators_pair_by_name_and_compare_figures_of_one_unit():
    left = [
        IndicatorRow(Told("2025年企业数", "8"), None),
        IndicatorRow(Told("培训", "5", "次"), None),
        IndicatorRow(Told("旧", "1"), None),
    ]
    right = [
        IndicatorRow(Told("2026年企业数", "8"), Decimal(12)),
        IndicatorRow(Told("培训", "9", "人"), None),
    ]
    pairs = paired_indicators(left, right)
    assert [(pair.change, pair.difference) for pair in pairs] == [
        (Change.BOTH, Decimal(4)),
        (Change.BOTH, None),
        (Change.GONE, None),
    ]


def two_years(now, children=2):
    everyone(now)
    make.make_fund(now, year=2025, wan=300, children=children)
    make.make_fund(now, year=2026, wan=500, children=children + 1)
    make.make_indicators(now, year=2025)
    make.make_indicators(now, {"actual_text": "11家", "actual_value": "11"}, year=2026)


def test_page_shows_differences_and_drills_down(prepared, as_user):
    prepared(two_years)
    leader = as_user("leader-staff")
    page = leader.text("/fund/compare?left=2025&right=2026")
    assert "2026 新增" in page
    assert 'data-label="增减">+100</td>' in page
    assert 'data-label="增减幅度">+50.00%</td>' in page
    assert 'data-label="完成值增减">+3家</td>' in page
    issued = leader.text("/fund/compare?left=2025&right=2026&by=issued")
    assert '<a href="/fund/lines/F26/transfers">500</a>' in issued
    assert leader.get("/fund/compare?left=abc&right=2025&by=nonsense").status_code == 200


def test_export_holds_what_the_page_compares(prepared, as_user):
    prepared(two_years)
    answer = as_user("finance-staff").get("/fund/compare?left=2025&right=2026&export=1")
    head, *rows = openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    assert head == ("科目", "2025 安排（元）", "2026 安排（元）", "增减（元）", "变化")
    assert rows[0][1:] == (2_000_000, 3_000_000, 1_000_000, None)
    assert rows[-1][2:] == (1_000_000, None, "新增")


@pytest.mark.parametrize("size", [1, 30])
def test_comparison_costs_the_same_at_any_size(prepared, as_user, count_statements, size):
    prepared(lambda now: two_years(now, size))
    leader = as_user("leader-staff")
    leader.text("/fund/compare")
    with count_statements() as seen:
        leader.text("/fund/compare")
    assert len(seen) == 9
