"""The review queue as a list: its filters, its rows with their service time, and the same filter around one entry."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import request
from flask_login import current_user
from sqlalchemy import Select, and_
from sqlalchemy.orm import contains_eager, defer

from competition import queries
from competition.enums import EntryState, Group, Outcome
from competition.models import Enterprise, Entry, Track
from competition.queries import reviews
from competition.reviewing import service
from competition.states import ENTRY
from core import calendar, divisions, listing, web
from core.calendar import WorkingDays
from core.db import db
from core.enums import Role
from core.spreadsheets import Column

SORTS = {"submitted_at": Entry.submitted_at, "enterprise": Enterprise.name, "number": Entry.number}
SEARCH = (Entry.number, Entry.title, Enterprise.name, Enterprise.credit_code)
FINDING_WORDS = {Outcome.FAIL: ("有不符合项", "danger"), Outcome.MANUAL: ("需人工核实", "warning")}
CLEAN = ("条件全部符合", "success")


@dataclass(frozen=True)
class Row:
    """An entry that waits: since when, until when, and what the rules found."""

    entry: Entry
    since: datetime
    due: date
    left: int
    finding: tuple[str, str]

    @property
    def number(self) -> str:
        return self.entry.number

    @property
    def time_words(self) -> str:
        return time_words(self.left)


def time_words(left: int) -> str:
    if left < 0:
        return f"超期 {-left} 个工作日"
    return f"剩 {left} 个工作日" if left else "今日到期"


def columns(places: dict[str, str]) -> list[Column]:
    return [
        Column("number", "项目编号", lambda row: row.number),
        Column("enterprise", "企业名称", lambda row: row.entry.enterprise.name, width=36),
        Column("title", "参赛项目", lambda row: row.entry.title, width=36),
        Column("group", "组别", lambda row: row.entry.group.label, width=10),
        Column("prefecture", "地州市", lambda row: places.get(row.entry.prefecture_code, ""), width=20),
        Column("submitted_at", "提交时间", lambda row: row.entry.submitted_at, kind="time", width=18),
        Column("finding", "条件", lambda row: row.finding[0], width=16),
        Column("due", "办理时限", lambda row: row.time_words, width=18),
        Column("state", "状态", lambda row: ENTRY.badge(row.entry).label, width=14),
        Column("due_day", "应办结日期", lambda row: row.due, width=14),
    ]


def filters() -> list[listing.Filter]:
    editions = queries.editions_for_choice(current_user)
    ids = {row.code: row.id for row in editions}
    tracks = {track.code: track.name for edition in editions for track in edition.tracks}
    return [
        listing.Filter(
            "edition",
            "届次",
            [(row.code, row.name) for row in editions],
            lambda v: Entry.edition_id == ids[v],
        ),
        listing.Filter(
            "finding",
            "条件核对",
            [("clean", "全部符合"), ("manual", "需人工核实"), ("fail", "有不符合项")],
            _by_finding,
        ),
        listing.Filter("due", "办理时限", [("late", "已超期"), ("in_time", "未超期")], _by_time),
        listing.Filter(
            "came",
            "提交次数",
            [("first", "首次提交"), ("again", "退回后重新提交")],
            lambda v: reviews.came_again() if v == "again" else ~reviews.came_again(),
        ),
        *_of_office(),
        listing.Filter(
            "group", "组别", [(g.value, g.label) for g in Group], lambda v: Entry.group == Group(v)
        ),
        listing.Filter("track", "行业", list(tracks.items()), lambda v: Entry.track.has(Track.code == v)),
    ]


def _of_office() -> list[listing.Filter]:
    if current_user.role != Role.OFFICE:
        return []
    places = divisions.names()
    codes = sorted(code for code in places if code.endswith("00") and code != "650000")
    return [
        listing.Filter(
            "prefecture",
            "地州市",
            [(code, places[code]) for code in codes],
            lambda v: Entry.prefecture_code == v,
        ),
        listing.Filter(
            "state",
            "审核级次",
            [(s.value, ENTRY.badges[s].label) for s in (EntryState.REGIONAL_PASSED, EntryState.SUBMITTED)],
            lambda v: Entry.state == EntryState(v),
        ),
    ]


def _by_finding(value: str):
    if value == "clean":
        return and_(~reviews.found(Outcome.FAIL), ~reviews.found(Outcome.MANUAL))
    return reviews.found(Outcome(value))


def _by_time(value: str):
    late = reviews.waiting_since() < service.late_before(web.now(), calendar.load())
    return late if value == "late" else ~late


def statement() -> Select[tuple[Entry]]:
    return queries.review_queue(current_user).join(Entry.enterprise)


def _with_rows() -> Select:
    eager = (contains_eager(Entry.enterprise), defer(Entry.content), defer(Entry.abstract))
    return statement().options(*eager).add_columns(reviews.waiting_since().label("since"))


def state(*, chosen: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "args": request.args if chosen is None else chosen,
        "sorts": SORTS,
        "default_sort": "submitted_at",
        "filters": filters(),
        "search": SEARCH,
    }


def page() -> listing.Page:
    found = listing.run(_with_rows(), path=request.path, scalars=False, **state())
    return replace(found, items=rows_of(found.items))


def everything() -> list[Row]:
    return rows_of(listing.everything(_with_rows(), scalars=False, **state()))


def rows_of(pairs) -> list[Row]:
    days = calendar.load()
    findings = reviews.open_findings([entry.id for entry, _ in pairs])
    return [_row(entry, since, findings.get(entry.id, set()), days) for entry, since in pairs]


def _row(entry: Entry, since: datetime, outcomes: set[Outcome], days: WorkingDays) -> Row:
    finding = next((FINDING_WORDS[one] for one in FINDING_WORDS if one in outcomes), CLEAN)
    return Row(entry, since, service.due_day(since, days), service.days_left(since, web.now(), days), finding)


def kept_filter() -> dict[str, str]:
    """The queue's filter as it came along with an entry's address."""
    names = {"q", *(filter_.name for filter_ in filters())}
    return {name: value for name, value in request.args.items() if name in names and value}


def around(entry: Entry) -> queries.Neighbours:
    """The entries before and after this one among those the filter shows."""
    conditions, _, _ = listing.condition_of(request.args, filters(), SEARCH)
    return queries.neighbours_in_queue(entry, statement().where(*conditions))


def selected(numbers: list[str], *, everything: bool) -> tuple[list[Entry], str]:
    """What was ticked, or all the filter shows, in the queue's order; and the filter in words."""
    conditions, chosen, words = listing.condition_of(request.args, filters(), SEARCH)
    stmt = queries.review_queue(current_user).join(Entry.enterprise).where(*conditions)
    if not everything:
        stmt = stmt.where(Entry.number.in_(numbers))
    rows = db.session.scalars(stmt.options(*reviews.with_interests()).order_by(Entry.submitted_at, Entry.id))
    parts = [f"{one.label}：{dict(one.options)[one.value]}" for one in chosen if one.value]
    return list(rows.unique()), " · ".join([*parts, *([f"含“{words}”"] if words else [])])
