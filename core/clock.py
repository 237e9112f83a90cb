"""Time: aware UTC inside, Asia/Shanghai on the screen, deadlines compared in one place."""

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def utcnow() -> datetime:
    """The one reading of the wall clock; everything else is handed `now`."""
    return datetime.now(UTC)


def beijing(moment: datetime) -> datetime:
    return moment.astimezone(BEIJING)


def beijing_day(moment: datetime) -> date:
    return beijing(moment).date()


def at_beijing(day: date, clock: time) -> datetime:
    """The UTC moment of a wall-clock time in Beijing."""
    return datetime.combine(day, clock, BEIJING).astimezone(UTC)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_past(deadline: datetime | None, now: datetime) -> bool:
    """A deadline's own instant still counts as in time; no deadline never passes."""
    return deadline is not None and now > deadline
