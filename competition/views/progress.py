"""Registration and review at a glance: funnel, tiles of the prefectures, trend against the edition before, times."""

from collections.abc import Collection
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, select

from competition import queries
from competition.enums import EntryState, ReviewLevel
from competition.models import Edition, Entry
from competition.queries import figures
from competition.reviewing import service
from competition.views import bp
from core import calendar, web
from core.access import allow
from core.clock import beijing_day
from core.db import db
from core.enums import Role
from core.files import send_table
from core.spreadsheets import Column

COLUMNS = [
    Column("name", "地州市", lambda row: row["funnel"].name, width=24),
    Column("started", "开始填报", lambda row: row["funnel"].started, kind="number"),
    Column("submitted", "提交", lambda row: row["funnel"].submitted, kind="number"),
    Column("before", "上届提交", lambda row: row["before"], kind="number"),
    Column("waiting", "待地州市审核", lambda row: row["funnel"].waiting, kind="number"),
    Column("late", "其中超期", lambda row: row["late"], kind="number"),
    Column("returned", "退回中", lambda row: row["funnel"].returned, kind="number"),
    Column("rejected", "不通过", lambda row: row["funnel"].rejected, kind="number"),
    Column("withdrawn", "撤回", lambda row: row["funnel"].withdrawn, kind="number"),
    Column("passed", "地州市通过", lambda row: row["funnel"].passed, kind="number"),
    Column("accepted", "参赛有效", lambda row: row["funnel"].accepted, kind="number"),
    Column("median", "审核用时中位（工作日）", lambda row: row["times"].median, kind="number"),
    Column("longest", "最长（工作日）", lambda row: row["times"].longest, kind="number"),
]


@bp.get("/office/progress")
@allow(Role.OFFICE, Role.REGIONAL, Role.SUPERVISION, Role.LEADER)
def progress():
    editions = queries.editions_for_choice(current_user)
    wanted = request.args.get("edition", "")
    edition = next((one for one in editions if one.code == wanted), next(iter(editions), None))
    if edition is None:
        return render_template("competition/progress.html", edition=None, editions=[])
    own = current_user.prefectures if current_user.role == Role.REGIONAL else None
    total, rows, shown = _figures(edition, own)
    if "export" in request.args:
        return send_table(
            "报名与审核进度", COLUMNS, rows, name=f"报名与审核进度-{edition.code}", note=edition.name
        )
    return render_template(
        "competition/progress.html",
        edition=edition,
        editions=editions,
        total=total,
        rows=rows,
        columns=COLUMNS,
        tiles=[_tile(edition, row["funnel"]) for row in rows],
        **shown,
    )


def _figures(edition: Edition, own: Collection[str] | None):
    """Sums, one row a prefecture, and what the page shows besides."""
    total, places = figures.funnels(edition, own)
    before = figures.edition_before(edition)
    earlier = {row.code: row.submitted for row in figures.funnels(before, own)[1]} if before else {}
    late, days = _late(edition, own), calendar.load()
    reviews = [one for one in figures.finished_reviews(edition) if own is None or one.prefecture in own]
    times = _times(reviews, days)
    rows = [
        {
            "funnel": place,
            "before": earlier.get(place.code, 0) if before else None,
            "late": late.get(place.code, 0),
            "times": times.get(place.code, service.times_of(())),
        }
        for place in places
    ]
    of_level = {
        level: service.times_of(_days(one, days) for one in reviews if one.level == level)
        for level in ReviewLevel
    }
    shown = {
        "before": before,
        "late": sum(late.values()),
        "regional_times": of_level[ReviewLevel.REGIONAL],
        "office_times": of_level[ReviewLevel.OFFICE],
        "trend": trend(edition, before, own, web.now()),
        "allowed": service.REVIEW_DAYS,
    }
    return total, rows, shown


def _days(one: figures.Reviewed, days: calendar.WorkingDays) -> int:
    return service.days_between(one.since, one.decided_at, days)


def _times(reviews: list[figures.Reviewed], days: calendar.WorkingDays) -> dict[str, service.Times]:
    """Of the regional level, by prefecture."""
    taken: dict[str, list[int]] = {}
    for one in reviews:
        if one.level == ReviewLevel.REGIONAL:
            taken.setdefault(one.prefecture, []).append(_days(one, days))
    return {place: service.times_of(found) for place, found in taken.items()}


def _late(edition: Edition, own: Collection[str] | None) -> dict[str, int]:
    """How many wait for their regional office over time, by prefecture."""
    stmt = select(Entry.prefecture_code, func.count(Entry.id)).where(
        Entry.edition_id == edition.id,
        Entry.state == EntryState.SUBMITTED,
        Entry.submitted_at < service.late_before(web.now(), calendar.load()),
    )
    if own is not None:
        stmt = stmt.where(Entry.prefecture_code.in_(own))
    return dict(db.session.execute(stmt.group_by(Entry.prefecture_code)).all())


def _tile(edition: Edition, place: figures.Funnel) -> dict[str, Any]:
    """The tile map knows prefectures by their first four digits."""
    url = url_for("competition.entries", edition=edition.code, prefecture=place.code)
    return {"code": place.code[:4], "value": place.submitted, "url": url}


def trend(
    edition: Edition, before: Edition | None, own: Collection[str] | None, now: datetime
) -> dict[str, Any] | None:
    """Entries submitted up to each day of the registration, beside the edition before on the same day of its own."""
    if edition.opens_at is None:
        return None
    lines = [(edition, _by_day(edition, own, until=beijing_day(now)))]
    if before is not None and before.opens_at is not None:
        lines.append((before, _by_day(before, own)))
    longest = max(len(line) for _, line in lines)
    labels = [f"第 {number} 天" for number in range(1, longest + 1)]
    series = [{"name": one.name, "data": line} for one, line in lines]
    today = len(lines[0][1])
    same = lines[1][1][min(today, len(lines[1][1])) - 1] if len(lines) > 1 and lines[1][1] and today else None
    rows = [
        [label, *(line[index] if index < len(line) else "" for _, line in lines)]
        for index, label in enumerate(labels)
    ]
    return {
        "spec": {"kind": "line", "labels": labels, "series": series, "unit": "件"},
        "headers": ["报名第几天", *(one.name for one, _ in lines)],
        "rows": rows,
        "today": lines[0][1][-1] if lines[0][1] else 0,
        "same_day": same,
        "day": today,
    }


def _by_day(edition: Edition, own: Collection[str] | None, until: date | None = None) -> list[int]:
    """Running sums from the opening day to the last submission or the deadline, but not beyond `until`."""
    opened = beijing_day(edition.opens_at)
    days = [beijing_day(moment) for moment in figures.first_submissions(edition, own)]
    ends = [*days, *([beijing_day(edition.entry_deadline)] if edition.entry_deadline else [])]
    last = min(max(ends, default=opened), until or date.max)
    counts = [0] * max(0, (last - opened).days + 1)
    for day in days:
        place = max(0, (day - opened).days)
        if place < len(counts):
            counts[place] += 1
    return list(accumulate(counts))
