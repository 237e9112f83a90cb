"""Which group an enterprise plays in: computed from the licence date, never chosen."""

from dataclasses import dataclass
from datetime import date

from competition.enums import Group


@dataclass(frozen=True)
class GroupExplanation:
    """Why a group: a registration on `startup_from` itself is startup; `days` counts from that day (may be < 0)."""

    group: Group
    registered_on: date
    startup_from: date
    days: int


def group_of(registered_on: date, startup_from: date) -> Group:
    """初创组 from `startup_from` on (inclusive), 成长组 before it. Computed from the licence, never chosen."""
    return Group.STARTUP if registered_on >= startup_from else Group.GROWTH


def explain_group(registered_on: date, startup_from: date) -> GroupExplanation:
    """The group with the two dates it rests on, as data for the page."""
    days = (registered_on - startup_from).days
    return GroupExplanation(group_of(registered_on, startup_from), registered_on, startup_from, days)
