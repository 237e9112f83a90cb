"""Working days of Xinjiang, counted as the notices of DOMAIN.md section 4 were."""

from datetime import date

import pytest

from core import calendar
from core.models import CalendarDay
from core.rules import SYSTEM


@pytest.fixture
def days(ctx):
    return calendar.load()


@pytest.mark.parametrize(
    ("first", "count_first", "end"),
    [
        (date(2018, 10, 22), True, date(2018, 10, 26)),
        (date(2018, 10, 22), False, date(2018, 10, 29)),
        (date(2018, 8, 20), True, date(2018, 8, 29)),
        (date(2018, 9, 28), True, date(2018, 10, 9)),
    ],
    ids=["plain week", "first day excluded", "over 古尔邦节", "over National Day with its make-up days"],
)
def test_five_working_days(days, first, count_first, end):
    assert days.period_end(first, 5, count_first=count_first) == end


def test_regional_holiday_is_no_working_day(days):
    assert not days.is_working(date(2018, 8, 22))


def test_make_up_saturday_is_a_working_day(days):
    assert days.is_working(date(2018, 9, 29))


def test_unknown_year_falls_back_and_says_so(days):
    assert not days.known(date(2040, 1, 2))
    assert days.is_working(date(2040, 1, 2)) and not days.is_working(date(2040, 1, 1))


def test_edited_day_counts_at_once(ctx, now):
    calendar.set_day(date(2026, 5, 11), working=False, name="本地假日", actor=SYSTEM, now=now)
    assert not calendar.load().is_working(date(2026, 5, 11))


def test_period_has_at_least_one_day(days):
    with pytest.raises(ValueError, match="at least one day"):
        days.period_end(date(2018, 1, 1), 0, count_first=True)


def test_2018_rows_hold_both_kinds():
    rows = calendar.seed_year(2018)
    assert all(isinstance(row, CalendarDay) for row in rows)
    assert {row.name for row in rows if row.regional} == {"肉孜节", "古尔邦节"}
