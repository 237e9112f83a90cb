"""The national recommendation list of an edition: drafted, checked, given opinions, exported, sent; the torch centre's table."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition import round_queries, torch_statistics
from competition.enums import RecommendationState
from competition.models import Edition, Recommendation, RecommendationList, Stage
from competition.operations import recommendation
from competition.recommended import Row, local_rounds, rows_of
from competition.round_rules import may_give_opinion
from competition.round_states import RECOMMENDATION
from competition.views import bp
from core import trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.files import send_table
from core.spreadsheets import Column

READERS = (Role.OFFICE, Role.REGIONAL, Role.SUPERVISION, Role.LEADER)
CHECKS = {
    "due_diligence": "尽职调查合格",
    "number": "入库登记或高企编号（成长组）",
    "never_national_winner": "未获往届全国奖",
}
# DOMAIN.md 5.4: the columns of the list sent to the national office; between the halves stand the local rounds.
BEFORE = [
    Column("position", "序号", lambda row: row.item.position, kind="number", width=6),
    Column("region", "赛区", lambda row: row.item.entry.region.name if row.item.entry.region else ""),
    Column("track", "行业", lambda row: row.item.entry.track.name if row.item.entry.track else "", width=20),
    Column("group", "组别", lambda row: row.item.entry.group.label),
    Column("enterprise", "企业名称", lambda row: row.item.entry.enterprise.name, width=36),
    Column("code", "统一社会信用代码", lambda row: row.item.entry.enterprise.credit_code, width=22),
    Column("registered_on", "注册日期", lambda row: row.item.entry.enterprise.registered_on),
    Column(
        "number",
        "入库登记编号/高企编号",
        lambda row: row.item.entry.enterprise.sme_number or row.item.entry.enterprise.hightech_number,
        width=22,
    ),
    Column("title", "参赛项目", lambda row: row.item.entry.title, width=36),
    Column("contact", "联系人", lambda row: row.item.entry.enterprise.contact_name),
    Column("phone", "手机", lambda row: row.item.entry.enterprise.contact_phone),
]
AFTER = [
    Column("prize", "地方赛奖项", lambda row: row.prize),
    Column("conclusion", "尽调结论", lambda row: row.conclusion),
    Column("opinion", "推荐单位意见", lambda row: row.item.opinion, width=36),
]
STATISTICS = [
    Column("section", "类别", lambda row: row.section),
    Column("label", "指标", lambda row: row.label, width=36),
    Column("value", "数值", lambda row: row.value),
    Column("unit", "单位", lambda row: row.unit, width=8),
    Column("counted", "口径", lambda row: row.counted, width=44),
]


def _columns(found: RecommendationList) -> list[Column]:
    """Score and rank of the regional round and of the round the list rests on."""
    rounds = []
    for stage in local_rounds(found):
        key, score, rank = f"{stage.id}", partial(_score, stage), partial(_rank, stage)
        rounds.append(Column(f"score{key}", f"地方赛成绩（{stage.name}）", score, kind="score"))
        rounds.append(Column(f"rank{key}", f"地方赛名次（{stage.name}）", rank, kind="number"))
    return [*BEFORE, *rounds, *AFTER]


def _score(stage: Stage, row: Row) -> int | None:
    return row.results[stage.id].score_hundredths if stage.id in row.results else None


def _rank(stage: Stage, row: Row) -> int | None:
    return row.results[stage.id].rank if stage.id in row.results else None


@bp.get("/office/editions/<code>/recommendation")
@allow(*READERS)
def recommendation_list(code: str):
    edition = round_queries.edition_by_code(code)
    found = round_queries.recommendation_of(edition)
    if "export" in request.args:
        if found is None:
            raise NotVisible()
        rows = rows_of(found, _own(found))
        return send_table("推荐全国赛", _columns(found), rows, name="推荐全国赛表", note=edition.name)
    return _page(edition, found)


def _own(found: RecommendationList) -> list[Recommendation]:
    """A regional office sees the entries of its own prefectures."""
    if current_user.role != Role.REGIONAL:
        return list(found.items)
    return [item for item in found.items if item.entry.prefecture_code in current_user.prefectures]


def _page(edition: Edition, found: RecommendationList | None, status: int = 200, **more: Any):
    rows = rows_of(found, _own(found)) if found else []
    writable = found is not None and found.state == RecommendationState.DRAFT
    page = render_template(
        "competition/recommendation.html",
        edition=edition,
        found=found,
        rows=rows,
        machine=RECOMMENDATION,
        labels=CHECKS,
        stages=round_queries.recommending(edition),
        events=trail.events_for(found, *(row.item for row in rows)),
        may_write=writable and any(may_give_opinion(current_user, row.item) for row in rows),
        **{"typed": {}, "refusal": "", **more},
    )
    return page, status


@bp.post("/office/editions/<code>/recommendation/<any(draft,send):act>")
@allow(Role.OFFICE)
def recommendation_act(code: str, act: str):
    edition = round_queries.edition_by_code(code)
    if act == "draft":
        stage = next(iter(round_queries.recommending(edition)), None)
        if stage is None:
            raise NotVisible("本届没有规定推荐所依据的轮次，不能生成推荐名单。")
        recommendation.draft_recommendation(edition, stage=stage, actor=current_user, now=web.now())
        flash(f"已按{stage.name}名次生成推荐名单。", "success")
    else:
        found = round_queries.recommendation_of(edition)
        if found is None:
            raise NotVisible()
        recommendation.send_recommendation(found, actor=current_user, now=web.now())
        flash("已确认上报，名单已冻结。", "success")
    return redirect(url_for("competition.recommendation_list", code=code), 303)


@bp.post("/office/editions/<code>/recommendation/opinions")
@allow(Role.OFFICE, Role.REGIONAL)
def recommendation_opinions(code: str):
    """All that were typed, or none: a refusal keeps every text on the page."""
    edition = round_queries.edition_by_code(code)
    found = round_queries.recommendation_of(edition)
    if found is None:
        raise NotVisible()
    typed = {item.position: request.form.get(f"opinion-{item.position}") for item in _own(found)}
    try:
        for item in _own(found):
            if typed[item.position] is not None:
                text = typed[item.position].replace("\x00", "")
                recommendation.give_opinion(found, item, text=text, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        return _page(edition, found, 422, typed=typed, refusal=refusal.sentence)
    flash("推荐意见已保存。", "success")
    return redirect(url_for("competition.recommendation_list", code=code), 303)


@bp.get("/office/editions/<code>/statistics")
@allow(Role.OFFICE, Role.SUPERVISION, Role.LEADER)
def torch_table(code: str):
    """赛事情况统计表 for the torch centre."""
    edition = round_queries.edition_by_code(code)
    rows = torch_statistics.figures_of(edition)
    if "export" in request.args:
        name = f"赛事情况统计表-{edition.code}"
        return send_table("赛事情况统计表", STATISTICS, rows, name=name, note=edition.name)
    return render_template("competition/statistics.html", edition=edition, rows=rows)
