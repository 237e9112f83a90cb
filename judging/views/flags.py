"""The worklist of anomaly flags: what stands out in the scores, and what people decided about it."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import NotVisible
from core.files import send_table
from core.spreadsheets import Column
from judging import queries
from judging.anomalies.flags import Kind
from judging.diagnosis.enums import FlagState
from judging.diagnosis.models import AnomalyFlag
from judging.diagnosis.reading import STATISTICS
from judging.models import Ranking
from judging.operations import flags
from judging.queries import diagnoses
from judging.states import FLAG
from judging.views import bp

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.JUDGE)
SORTS = {"raised_at": AnomalyFlag.raised_at, "kind": AnomalyFlag.kind, "id": AnomalyFlag.id}
COLUMNS = [
    {"key": "kind", "label": "提示"},
    {"key": "ranking", "label": "排名"},
    {"key": "judges", "label": "评委"},
    {"key": "deviate", "label": "偏离"},
    {"key": "expected", "label": "预期误报"},
    {"key": "at_cut", "label": "分界线上的项目"},
    {"key": "raised_at", "label": "提示时间"},
    {"key": "state", "label": "状态"},
]


def _filters() -> list[listing.Filter]:
    states = [(state.value, FLAG.badges[state].label) for state in FlagState]
    kinds = [(kind.value, kind.label) for kind in Kind]
    stages = [(str(s.id), f"{s.edition.year} {s.name}") for s in queries.stages()]
    return [
        listing.Filter("state", "状态", states, lambda value: AnomalyFlag.state == FlagState(value)),
        listing.Filter("kind", "提示", kinds, lambda value: AnomalyFlag.kind == Kind(value)),
        listing.Filter("stage", "轮次", stages, lambda value: Ranking.stage_id == int(value)),
    ]


@bp.get("/judging/flags")
@allow(*READERS)
def flag_list():
    options = {
        "args": request.args,
        "sorts": SORTS,
        "default_sort": "-raised_at",
        "search": (Ranking.name,),
        "filters": _filters(),
    }
    stmt = diagnoses.flags_visible_to(current_user)
    if "export" in request.args:
        return _export(listing.everything(stmt, **options))
    page = listing.run(stmt, path=request.path, **options)
    return render_template(
        "judging/flags.html", page=page, columns=COLUMNS, machine=FLAG, judges=_names(page.items)
    )


def _names(rows) -> dict[int, str]:
    return diagnoses.names_of_judges({judge for row in rows for judge in row.judges})


def _export(rows):
    names = _names(rows)
    columns = [
        Column("kind", "提示", lambda row: row.kind.label, width=20),
        Column("ranking", "排名", lambda row: row.ranking.name, width=36),
        Column("judges", "评委", lambda row: "、".join(names.get(j, str(j)) for j in row.judges), width=24),
        Column("statistic", "统计量", lambda row: STATISTICS[row.measure["statistic"]], width=24),
        Column("value", "数值", lambda row: f"{row.measure['value']:.2f}"),
        Column("deviate", "偏离", lambda row: f"{row.measure['deviate']:.2f}"),
        Column("expected", "预期误报", lambda row: f"{row.measure['expected_false_alarms']:.2f}"),
        Column("at_cut", "分界线上的项目", lambda row: "、".join(row.at_cut), width=36),
        Column("state", "状态", lambda row: FLAG.badge(row).label),
        Column("opinion", "处理意见", lambda row: row.opinion, width=36),
        Column("answer", "组长说明", lambda row: row.answer, width=36),
    ]
    return send_table("异常提示", columns, rows, note="提示供人核查，本身不说明违规，也不改变任何分数")


@bp.get("/judging/flags/<int:flag_id>")
@allow(*READERS)
def flag(flag_id: int):
    found = diagnoses.flag_for(current_user, flag_id)
    return render_template(
        "judging/flag.html",
        flag=found,
        machine=FLAG,
        acts=FLAG.available(found, current_user),
        statistic=STATISTICS[found.measure["statistic"]],
        judges=_names([found]),
        events=trail.events_for(found),
    )


@bp.post("/judging/flags/<int:flag_id>")
@allow(Role.OFFICE, Role.SUPERVISION, Role.JUDGE)
def flag_act(flag_id: int):
    found = diagnoses.flag_for(current_user, flag_id)
    act, reason = request.form.get("act", ""), request.form.get("reason", "")
    if act == "answer":
        flags.answer_flag(found, answer=reason, actor=current_user, now=web.now())
    elif act in FLAG.transitions:
        flags.decide_flag(found, act, opinion=reason, actor=current_user, now=web.now())
    else:
        raise NotVisible()
    flash("已记录，分数和排名没有改变。", "success")
    return redirect(url_for("judging.flag", flag_id=found.id), 303)
