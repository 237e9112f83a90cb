"""Working days of Xinjiang: national holidays, make-up days, and 肉孜节 and 古尔邦节, as editable rows.

`chinesecalendar` seeds the national part and raises for a year it does not know; such a year falls back to
Monday-Friday and `known` is False, so that the screen can warn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import chinese_calendar
from sqlalchemy import select

from core import audit
from core.clock import at_beijing
from core.db import db, flush
from core.models import CalendarDay
from core.rules import Actor

# Regional holidays (DOMAIN.md section 4, S57, and the lunar dates of 2018); the office edits them each year.
REGIONAL_HOLIDAYS = {
    2018: {"肉孜节": ((6, 15), (6, 15)), "古尔邦节": ((8, 22), (8, 24))},
    2022: {"肉孜节": ((5, 5), (5, 5)), "古尔邦节": ((7, 9), (7, 13))},
    2025: {"肉孜节": ((3, 29), (3, 31)), "古尔邦节": ((6, 6), (6, 10))},
}


@dataclass(frozen=True)
class WorkingDays:
    """`special` holds only the days that are not what their weekday says; `known_years` what was loaded."""

    special: Mapping[date, bool]
    known_years: frozenset[int]

    def is_working(self, day: date) -> bool:
        return self.special.get(day, day.weekday() < 5)

    def known(self, day: date) -> bool:
        return day.year in self.known_years

    def period_end(self, first: date, days: int, *, count_first: bool) -> date:
        """The last day of a period of `days` working days; `count_first` counts the publication day itself.

        A publication day that is not a working day never counts.
        """
        if days < 1:
            raise ValueError("a period has at least one day")
        counted = 1 if count_first and self.is_working(first) else 0
        day = first
        while counted < days:
            day += timedelta(days=1)
            counted += self.is_working(day)
        return day

    def end_moment(
        self, first: date, days: int, *, count_first: bool, at: time = time(23, 59, 59)
    ) -> datetime:
        return at_beijing(self.period_end(first, days, count_first=count_first), at)


def load() -> WorkingDays:
    """The calendar as the office keeps it now; one statement."""
    rows = db.session.execute(select(CalendarDay.day, CalendarDay.working)).all()
    return WorkingDays({row.day: row.working for row in rows}, frozenset(row.day.year for row in rows))


def set_day(day: date, *, working: bool, name: str, actor: Actor, now: datetime) -> CalendarDay:
    """The office's word on one day; periods already published keep the end they were given."""
    row = db.session.get(CalendarDay, day)
    before = {"working": row.working, "name": row.name} if row else None
    if row is None:
        row = CalendarDay(day=day, working=working, name=name, regional=True)
        db.session.add(row)
    row.working, row.name = working, name
    flush()
    audit.record(
        "calendar_day.set", row, actor=actor, now=now, before=before, after={"working": working, "name": name}
    )
    return row


def national_days_known(year: int) -> bool:
    """Whether the library has the official notice of that year; asking it about another raises."""
    return any(day.year == year for day in chinese_calendar.holidays)


def seed_year(year: int) -> list[CalendarDay]:
    """Rows for one year: national days from chinesecalendar, regional ones from the table above."""
    rows: dict[date, CalendarDay] = {}
    day = date(year, 1, 1)
    while day.year == year:
        working = chinese_calendar.is_workday(day)
        if working != (day.weekday() < 5):
            detail = chinese_calendar.get_holiday_detail(day)[1]
            rows[day] = CalendarDay(
                day=day, working=working, name=_national_name(detail, working), regional=False
            )
        day += timedelta(days=1)
    for name, ((m1, d1), (m2, d2)) in REGIONAL_HOLIDAYS.get(year, {}).items():
        day, last = date(year, m1, d1), date(year, m2, d2)
        while day <= last:
            rows[day] = CalendarDay(day=day, working=False, name=name, regional=True)
            day += timedelta(days=1)
    return list(rows.values())


_HOLIDAY_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


def _national_name(detail: str | None, working: bool) -> str:
    name = _HOLIDAY_NAMES.get(detail or "", "节假日")
    return f"{name}调休上班" if working else name
