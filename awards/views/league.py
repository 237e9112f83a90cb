"""The league table behind the outstanding-organiser awards, with its points in the address."""

from flask import render_template, request

from awards import queries
from awards.league_counts import LABELS, POINTS, league_of
from awards.views import bp
from core.access import allow
from core.errors import NotVisible
from core.files import send_table
from core.spreadsheets import Column

MOST_POINTS = 1000


def _points() -> dict[str, int]:
    """What the address says; anything that is no small whole number is the proposed value."""

    def read(name: str, proposed: int) -> int:
        text = request.args.get(name, "")
        given = text.isascii() and text.isdigit() and len(text) < 5 and int(text) <= MOST_POINTS
        return int(text) if given else proposed

    return {name: read(name, proposed) for name, proposed in POINTS.items()}


@bp.get("/awards/league")
@allow(*queries.READERS)
def league_table():
    editions = queries.editions()
    wanted = request.args.get("edition", "")
    edition = next((item for item in editions if item.code == wanted), editions[0] if editions else None)
    if edition is None:
        raise NotVisible("还没有届次。")
    points = _points()
    rows = league_of(edition, points)
    if "export" in request.args:
        return send_table("组织工作积分", _columns(), rows)
    return render_template(
        "awards/league.html",
        edition=edition,
        editions=editions,
        rows=rows,
        points=points,
        labels=LABELS,
        most=MOST_POINTS,
    )


def _columns() -> list[Column]:
    counts = [
        Column(name, label, lambda row, at=place: row.items[at].count, kind="number")
        for place, (name, label) in enumerate(LABELS.items())
    ]
    return [
        Column("rank", "名次", lambda row: row.rank, kind="number"),
        Column("unit", "地州市", lambda row: row.unit, width=24),
        *counts,
        Column("points", "积分", lambda row: row.points, kind="number"),
    ]
