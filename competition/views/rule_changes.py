"""Changing published rules: the working copy and its differences, proposed by one person, published by another."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition import queries
from competition.forms.review import ReasonForm
from competition.models import RuleChange
from competition.operations import editions as operations
from competition.states import RULE_CHANGE
from competition.views import bp
from competition.views.editions import seen_edition
from competition.views.presenting import timeline_of
from core import web
from core.access import allow
from core.enums import Role
from core.errors import Conflict, InvalidInput

READERS = (Role.OFFICE, Role.LEADER, Role.SUPERVISION)
APPROVERS = (Role.OFFICE, Role.LEADER)
PUBLISH_WORD = "发布"


@bp.post("/office/editions/<code>/rule-changes")
@allow(Role.OFFICE)
def rule_change_start(code: str):
    change = operations.start_change(seen_edition(code), actor=current_user, now=web.now())
    flash("已建立修改稿，修改后提交复核。现行规则在复核发布之前不变。", "success")
    return _to(change)


def _to(change: RuleChange):
    return redirect(url_for("competition.rule_change", change_id=change.id), 303)


@bp.get("/office/rule-changes/<int:change_id>")
@allow(*READERS)
def rule_change(change_id: int):
    return _page(queries.rule_change(change_id), ReasonForm(formdata=None), 200)


def _page(change: RuleChange, form: ReasonForm, status: int, refusal: str = ""):
    page = render_template(
        "competition/rule_change.html",
        change=change,
        edition=change.edition,
        badge=RULE_CHANGE.badge(change),
        differences=queries.changed_rules(change),
        sections=queries.proposed_text(change),
        can={name: RULE_CHANGE.can(change, name, current_user) for name in RULE_CHANGE.transitions},
        people=queries.names_of(change.started_by_id, change.proposed_by_id, change.decided_by_id),
        editable=operations.is_editable(change.draft) and current_user.role == Role.OFFICE,
        events=timeline_of(change),
        form=form,
        refusal=refusal,
    )
    return page, status


@bp.post("/office/rule-changes/<int:change_id>/propose")
@allow(Role.OFFICE)
def rule_change_propose(change_id: int):
    change, form = queries.rule_change(change_id), ReasonForm()
    if not form.validate_on_submit():
        return _page(change, form, 422)
    try:
        operations.propose_change(change, reason=form.reason.data, actor=current_user, now=web.now())
    except (InvalidInput, Conflict) as refusal:
        return _page(change, form, refusal.status, refusal.sentence)
    flash("已提交复核，须由另一人发布。", "success")
    return _to(change)


@bp.post("/office/rule-changes/<int:change_id>/return")
@allow(*APPROVERS)
def rule_change_return(change_id: int):
    change, form = queries.rule_change(change_id), ReasonForm()
    if not form.validate_on_submit():
        return _page(change, form, 422)
    operations.return_change(change, reason=form.reason.data, actor=current_user, now=web.now())
    flash("已退回修改。", "success")
    return _to(change)


@bp.post("/office/rule-changes/<int:change_id>/withdraw")
@allow(Role.OFFICE)
def rule_change_withdraw(change_id: int):
    change = queries.rule_change(change_id)
    operations.withdraw_change(change, actor=current_user, now=web.now())
    flash("已作废，现行规则不变。", "success")
    return _to(change)


@bp.post("/office/rule-changes/<int:change_id>/publish")
@allow(*APPROVERS)
def rule_change_publish(change_id: int):
    change = queries.rule_change(change_id)
    if request.form.get("confirm_word", "").strip() != PUBLISH_WORD:
        return _page(change, ReasonForm(formdata=None), 422, f"请输入“{PUBLISH_WORD}”以确认。")
    try:
        rules = operations.publish_change(change, actor=current_user, now=web.now())
    except Conflict as refusal:
        return _page(change, ReasonForm(formdata=None), 409, refusal.sentence)
    flash(f"第 {rules.number} 版规则已发布，并通知了有关企业和地州市。", "success")
    return _to(change)
