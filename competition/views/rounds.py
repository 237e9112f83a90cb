"""Rounds: the field, who would advance under changed numbers, the decision, who leaves."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from competition import quotas, round_queries
from competition.enums import CandidacyState, Group
from competition.models import Candidacy, Enterprise, Entry
from competition.operations import rounds
from competition.round_states import CANDIDACY, STAGE
from competition.views import bp
from core import listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, Refusal
from core.files import send_table
from core.spreadsheets import Column

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.REGIONAL)
SORTS = {
    "rank": Candidacy.rank,
    "score": Candidacy.score_hundredths,
    "enterprise": Enterprise.name,
    "number": Entry.number,
}
COLUMNS = [
    Column("number", "项目编号", lambda row: row.entry.number),
    Column("enterprise", "企业名称", lambda row: row.entry.enterprise.name, width=36),
    Column("title", "参赛项目", lambda row: row.entry.title, width=36),
    Column("group", "组别", lambda row: row.entry.group.label),
    Column("track", "行业", lambda row: row.entry.track.name if row.entry.track else "", width=20),
    Column("score", "得分", lambda row: row.score_hundredths, kind="score"),
    Column("rank", "名次", lambda row: row.rank, kind="number"),
    Column("state", "结果", lambda row: CANDIDACY.badge(row).label),
]


@bp.get("/office/editions/<code>/stages")
@allow(*READERS)
def stages(code: str):
    edition = round_queries.edition_by_code(code)
    return render_template("competition/stages.html", edition=edition, machine=STAGE)


def _filters() -> list[listing.Filter]:
    states = [(state.value, CANDIDACY.badges[state].label) for state in CandidacyState]
    return [
        listing.Filter(
            "group", "组别", [(g.value, g.label) for g in Group], lambda v: Entry.group == Group(v)
        ),
        listing.Filter("state", "结果", states, lambda v: Candidacy.state == CandidacyState(v)),
    ]


@bp.get("/office/stages/<int:stage_id>")
@allow(*READERS)
def stage(stage_id: int):
    found = round_queries.stage(stage_id)
    stmt = round_queries.candidacies(current_user, found)
    state = {"args": request.args, "sorts": SORTS, "default_sort": "number", "filters": _filters()}
    search = (Enterprise.name, Entry.number, Entry.title)
    if "export" in request.args:
        rows = listing.everything(stmt, search=search, **state)
        return send_table("晋级一览", COLUMNS, rows, name=f"{found.name}一览")
    page = listing.run(stmt, path=request.path, search=search, **state)
    columns = [
        {"key": c.key, "label": c.label, "align": "end" if c.kind != "text" else None} for c in COLUMNS
    ]
    return render_template(
        "competition/stage.html",
        stage=found,
        page=page,
        columns=columns,
        machine=STAGE,
        candidacies=CANDIDACY,
        events=trail.events_for(found, limit=20),
    )


@bp.post("/office/stages/<int:stage_id>/<any(open,decide):act>")
@allow(Role.OFFICE)
def stage_act(stage_id: int, act: str):
    found = round_queries.stage(stage_id)
    if act == "open":
        made = rounds.open_stage(found, actor=current_user, now=web.now())
        flash(f"{found.name}已开始，{len(made)} 个项目进入。", "success")
    else:
        advanced = rounds.decide_advancement(found, actor=current_user, now=web.now())
        flash(f"已确定晋级 {len(advanced)} 个项目。", "success")
    return redirect(url_for("competition.stage", stage_id=found.id), 303)


@bp.get("/office/stages/<int:stage_id>/preview")
@allow(Role.OFFICE, Role.SUPERVISION)
def stage_preview(stage_id: int):
    """What-if: who would advance if the total were another; nothing is written."""
    found = round_queries.stage(stage_id)
    field = [row for row in rounds.candidacies_of(found) if row.rank is not None]
    quota, problem, outcome = dict(found.quota), "", None
    total = request.args.get("total", "")
    if (
        total.isascii()
        and total.isdigit()
        and len(total) < 6
        and quota.get("places", {}).get("kind") == "share"
    ):
        quota["places"] = {**quota["places"], "total": int(total)}
    try:
        outcome = rounds.preview(found, field, quota) if quota else None
    except quotas.QuotaProblem as error:
        problem = str(error)
    return render_template(
        "competition/stage_preview.html",
        stage=found,
        quota=quota,
        outcome=outcome,
        problem=problem,
        field=len(field),
    )


@bp.route("/office/candidacies/<int:candidacy_id>", methods=["GET"])
@allow(Role.OFFICE, Role.SUPERVISION, Role.LEADER)
def candidacy(candidacy_id: int):
    found = round_queries.candidacy_visible_to(current_user, candidacy_id)
    others = db.session.scalars(
        select(Candidacy).where(Candidacy.entry_id == found.entry_id).order_by(Candidacy.stage_id)
    ).all()
    return render_template(
        "competition/candidacy.html",
        candidacy=found,
        others=others,
        machine=CANDIDACY,
        events=trail.events_for(found, found.entry),
    )


@bp.post("/office/candidacies/<int:candidacy_id>/<any(withdraw,disqualify):act>")
@allow(Role.OFFICE)
def candidacy_act(candidacy_id: int, act: str):
    found = round_queries.candidacy_visible_to(current_user, candidacy_id)
    leave = rounds.withdraw_candidacy if act == "withdraw" else rounds.disqualify_candidacy
    try:
        called = leave(found, reason=request.form.get("reason", ""), actor=current_user, now=web.now())
    except InvalidInput as refusal:
        raise Refusal(refusal.sentence, code=refusal.code) from refusal
    flash(f"已登记。{'递补：' + called.entry.number if called else '无递补。'}", "success")
    return redirect(url_for("competition.candidacy", candidacy_id=found.id), 303)
