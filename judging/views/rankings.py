"""Rankings: what can be frozen, the frozen list, a recomputation to read, panel decisions on ties."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition.enums import Group
from competition.models import Region, Track
from core import listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.files import send_bytes, send_table
from core.spreadsheets import Column
from judging import queries
from judging.enums import RankingState
from judging.forms import TieForm
from judging.models import Ranking, RankingRow
from judging.operations import rankings
from judging.states import RANKING, SESSION
from judging.views import bp
from judging.views.units import units_of

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER)
SORTS = {"frozen_at": Ranking.frozen_at, "name": Ranking.name, "id": Ranking.id}
COLUMNS = [
    Column("name", "排名", lambda row: row.name, width=40),
    Column("group", "组别", lambda row: row.group.label),
    Column("frozen_at", "冻结时间", lambda row: row.frozen_at, kind="time", width=18),
    Column("hash", "内容哈希", lambda row: row.content_hash, width=66),
    Column("state", "状态", lambda row: RANKING.badge(row).label),
]
ROWS = [
    Column("rank", "名次", lambda row: row.rank, kind="number", width=8),
    Column("number", "项目编号", lambda row: row.entry.number),
    Column("enterprise", "企业名称", lambda row: row.entry.enterprise.name, width=36),
    Column("title", "参赛项目", lambda row: row.entry.title, width=36),
    Column("score", "得分", lambda row: row.score_hundredths, kind="score"),
    Column("tie", "并列处理", lambda row: tie_words(row)),
    Column("count", "计分评委数", lambda row: len(row.detail["used"]), kind="number"),
]
TIE_STEPS = {"earlier_round": "上一轮成绩", "panel_decision": "评委组合议", "both_advance": "并列"}


def tie_words(row: RankingRow) -> str:
    """How an equal score was parted, in words; a criterion by its code's name is the template's."""
    if row.detail.get("tied_with"):
        return "并列"
    step = row.tie_broken_by
    return TIE_STEPS.get(step, "评分项" if step else "")


@bp.get("/judging/rankings")
@allow(*READERS)
def ranking_list():
    states = [(state.value, RANKING.badges[state].label) for state in RankingState]
    stages = [(str(s.id), f"{s.edition.year} {s.name}") for s in queries.stages()]
    state = {
        "args": request.args,
        "sorts": SORTS,
        "default_sort": "-frozen_at",
        "search": (Ranking.name,),
        "filters": [
            listing.Filter("stage", "轮次", stages, lambda value: Ranking.stage_id == int(value)),
            listing.Filter("state", "状态", states, lambda value: Ranking.state == RankingState(value)),
        ],
    }
    stmt = queries.rankings_visible_to(current_user)
    if "export" in request.args:
        return send_table("排名", COLUMNS, listing.everything(stmt, **state))
    page = listing.run(stmt, path=request.path, **state)
    columns = [{"key": c.key, "label": c.label} for c in COLUMNS]
    return render_template(
        "judging/rankings.html", page=page, columns=columns, machine=RANKING, stages=queries.stages()
    )


@bp.get("/judging/stages/<int:stage_id>/rankings")
@allow(*READERS)
def stage_rankings(stage_id: int):
    """The workbench of a round: each unit with its sessions and its ranking."""
    stage = queries.stage_by_id(stage_id)
    return render_template(
        "judging/stage_rankings.html",
        stage=stage,
        units=units_of(stage),
        decisions=queries.tie_decisions_of(stage.id),
        sessions=SESSION,
        form=TieForm(),
    )


@bp.post("/judging/stages/<int:stage_id>/rankings")
@allow(Role.OFFICE)
def ranking_freeze(stage_id: int):
    stage = queries.stage_by_id(stage_id)
    if request.form.get("confirm_word", "").strip() != "冻结":
        raise InvalidInput("请输入“冻结”以确认。", field="confirm_word")
    ranking = rankings.freeze_ranking(
        stage,
        group=_group(request.form.get("group", "")),
        region=_part(stage, Region, request.form.get("region", "")),
        track=_part(stage, Track, request.form.get("track", "")),
        actor=current_user,
        now=web.now(),
    )
    flash(f"{ranking.name}排名已冻结。", "success")
    return redirect(url_for("judging.ranking", ranking_id=ranking.id), 303)


def _group(text: str) -> Group:
    if text not in set(Group):
        raise InvalidInput("请选择组别。", field="group")
    return Group(text)


def _part(stage, model: type, text: str):
    """A region or track of the stage's own edition, or none."""
    if not text:
        return None
    found = db.session.get(model, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if found is None or found.edition_id != stage.edition_id:
        raise NotVisible()
    return found


@bp.post("/judging/stages/<int:stage_id>/ties")
@allow(Role.OFFICE)
def tie_decide(stage_id: int):
    stage = queries.stage_by_id(stage_id)
    form = TieForm()
    if form.validate_on_submit():
        try:
            entries = [_entry(number) for number in form.numbers.data.split()]
            rankings.decide_tie(
                stage, entries=entries, minutes=form.minutes.data, actor=current_user, now=web.now()
            )
            flash("合议结果已登记。", "success")
            return redirect(url_for("judging.stage_rankings", stage_id=stage.id), 303)
        except InvalidInput as error:
            form.take(error)
    return render_template(
        "judging/stage_rankings.html",
        stage=stage,
        units=units_of(stage),
        decisions=queries.tie_decisions_of(stage.id),
        sessions=SESSION,
        form=form,
    ), 422


def _entry(number: str):
    found = queries.entry_by_number(number)
    if found is None:
        raise InvalidInput(f"没有编号为 {number[:30]} 的项目。", field="numbers")
    return found


@bp.get("/judging/rankings/<int:ranking_id>")
@allow(*READERS)
def ranking(ranking_id: int):
    found = queries.ranking_for(current_user, ranking_id)
    rows = queries.ranking_rows(found)
    if "export" in request.args:
        return send_table("成绩一览表", ROWS, rows, name=found.name, note=found.name)
    differences = rankings.recompute(found) if "recompute" in request.args else None
    return render_template(
        "judging/ranking.html",
        ranking=found,
        rows=rows,
        machine=RANKING,
        criteria={c.code: c.name for c in queries.criteria_of(found.stage, found.group)},
        tie_steps=TIE_STEPS,
        judges=queries.judge_names(rows),
        differences=differences,
        events=trail.events_for(found),
    )


@bp.post("/judging/rankings/<int:ranking_id>/evidence")
@allow(Role.OFFICE, Role.SUPERVISION)
def ranking_evidence(ranking_id: int):
    """The evidence pack; a POST, since handing it out is recorded."""
    found = queries.ranking_for(current_user, ranking_id)
    content = rankings.export_evidence(found, actor=current_user, now=web.now())
    return send_bytes(content, f"证据包-{found.id}-{found.name}.zip", "application/zip")


@bp.post("/judging/rankings/<int:ranking_id>/supersede")
@allow(Role.OFFICE)
def ranking_supersede(ranking_id: int):
    found = queries.ranking_for(current_user, ranking_id)
    rankings.supersede_ranking(
        found, reason=request.form.get("reason", ""), actor=current_user, now=web.now()
    )
    flash("排名已撤回，可更正后重新冻结。", "success")
    return redirect(url_for("judging.ranking", ranking_id=found.id), 303)
