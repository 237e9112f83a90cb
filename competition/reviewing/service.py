"""Service times (办理时限): how long a review may take and took, in working days. Pure: the calendar is handed in.

A level has five working days, the day of arrival not counted. No rule of this contest was found; five working days
after closing is what 常州 2021 gave its own review (DOMAIN.md 1.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median_low

from core.calendar import WorkingDays
from core.clock import at_beijing, beijing_day

REVIEW_DAYS = 5


def due_day(since: datetime, calendar: WorkingDays, days: int = REVIEW_DAYS) -> date:
    """The last day on which the review is in time."""
    return calendar.period_end(beijing_day(since), days, count_first=False)


def days_between(since: datetime, until: datetime, calendar: WorkingDays) -> int:
    """Working days after the day of `since` up to and with the day of `until`; 0 on the same day."""
    return _count(beijing_day(since), beijing_day(until), calendar)


def days_left(since: datetime, now: datetime, calendar: WorkingDays) -> int:
    """Working days after today until the last one in time; negative: so many over time, a weekend after it is one."""
    due, today = due_day(since, calendar), beijing_day(now)
    return _count(today, due, calendar) if today <= due else -max(1, _count(due, today, calendar))


def _count(after: date, until: date, calendar: WorkingDays) -> int:
    days = (after + timedelta(days=number) for number in range(1, (until - after).days + 1))
    return sum(calendar.is_working(day) for day in days)


def late_before(now: datetime, calendar: WorkingDays, days: int = REVIEW_DAYS) -> datetime:
    """What has waited since before this moment is over time now."""
    today = beijing_day(now)
    arrived = today
    while calendar.period_end(arrived, days, count_first=False) >= today:
        arrived -= timedelta(days=1)
    return at_beijing(arrived + timedelta(days=1), time.min)


@dataclass(frozen=True)
class Times:
    """Of finished reviews: how many, the (lower) median and the longest in working days, how many were over time."""

    count: int
    median: int
    longest: int
    late: int


def times_of(days: Iterable[int], allowed: int = REVIEW_DAYS) -> Times:
    found = sorted(days)
    if not found:
        return Times(0, 0, 0, 0)
    return Times(len(found), median_low(found), found[-1], sum(day > allowed for day in found))
