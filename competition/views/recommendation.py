"""The national recommendation list of an edition: drafted, checked, exported, sent."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition import round_queries
from competition.operations import recommendation
from competition.round_states import RECOMMENDATION
from competition.views import bp
from core import trail, web
from core.access import allow
from core.enums import Role
from core.errors import NotVisible
from core.files import XLSX, send_bytes
from core.spreadsheets import Column, to_xlsx

CHECKS = {
    "due_diligence": "尽职调查合格",
    "number": "入库登记或高企编号（成长组）",
    "never_national_winner": "未获往届全国奖",
}
# DOMAIN.md 5.4: the columns of the list sent to the national office.
COLUMNS = [
    Column("position", "序号", lambda item: item.position, kind="number", width=6),
    Column("region", "赛区", lambda item: item.entry.region.name if item.entry.region else ""),
    Column("track", "行业", lambda item: item.entry.track.name if item.entry.track else "", width=20),
    Column("group", "组别", lambda item: item.entry.group.label),
    Column("enterprise", "企业名称", lambda item: item.entry.enterprise.name, width=36),
    Column("code", "统一社会信用代码", lambda item: item.entry.enterprise.credit_code, width=22),
    Column("registered_on", "注册日期", lambda item: item.entry.enterprise.registered_on),
    Column(
        "number",
        "入库登记编号/高企编号",
        lambda item: item.entry.enterprise.sme_number or item.entry.enterprise.hightech_number,
        width=22,
    ),
    Column("title", "参赛项目", lambda item: item.entry.title, width=36),
    Column("contact", "联系人", lambda item: item.entry.enterprise.contact_name),
    Column("phone", "手机", lambda item: item.entry.enterprise.contact_phone),
]


@bp.get("/office/editions/<code>/recommendation")
@allow(Role.OFFICE, Role.SUPERVISION, Role.LEADER)
def recommendation_list(code: str):
    edition = round_queries.edition_by_code(code)
    found = round_queries.recommendation_of(edition)
    if "export" in request.args:
        if found is None:
            raise NotVisible()
        content = to_xlsx("推荐全国赛", COLUMNS, found.items, note=edition.name)
        return send_bytes(content, "推荐全国赛表.xlsx", XLSX)
    return render_template(
        "competition/recommendation.html",
        edition=edition,
        found=found,
        machine=RECOMMENDATION,
        labels=CHECKS,
        stages=round_queries.recommending(edition),
        events=trail.events_for(found),
    )


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
