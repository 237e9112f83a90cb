"""Time: aware UTC inside, Asia/Shanghai on the screen, deadlines compared in one place."""

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


def is_past(deadline: datetime | None, now: datetime) -> bool:
    """A deadline's own instant still counts as in time; no deadline never passes."""
    return deadline is not None and now > deadline
