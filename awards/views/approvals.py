"""Approval rules by amount, kept by finance; delegations, given by those who sign."""

from flask import redirect, render_template, url_for
from flask_login import current_user

from awards import money_queries, queries
from awards.bank_forms import ApprovalRuleForm, DelegationForm
from awards.operations import approvals as operations
from awards.views import bp
from awards.views.answers import MAX_ID
from awards.wording import STEP_ROLES
from core import web
from core.access import allow
from core.clock import beijing_day
from core.enums import Role
from core.errors import InvalidInput

NOBODY = 0


def _rule_form(**options) -> ApprovalRuleForm:
    form = ApprovalRuleForm(**options)
    heads = [(person.id, person.display_name) for person in money_queries.staff(Role.OFFICE)]
    form.division.choices = [(NOBODY, "不经处室"), *heads]
    return form


def _delegation_form(**options) -> DelegationForm:
    form = DelegationForm(**options)
    others = [
        person for person in money_queries.staff(*money_queries.SIGNERS) if person.id != current_user.id
    ]
    form.to.choices = [(person.id, person.display_name) for person in others]
    return form


def _page(*, rule_form=None, delegation_form=None, status: int = 200):
    page = render_template(
        "awards/approvals.html",
        rules=money_queries.approval_rules(),
        delegations=money_queries.delegations(),
        rule_form=rule_form or _rule_form(formdata=None, division=NOBODY),
        delegation_form=delegation_form or _delegation_form(formdata=None),
        step_roles=STEP_ROLES,
        may_keep=current_user.role == Role.FINANCE,
        may_delegate=current_user.role in money_queries.SIGNERS,
        today=beijing_day(web.now()),
    )
    return page, status


@bp.get("/money/approvals")
@allow(*queries.READERS)
def approvals():
    return _page()


@bp.post("/money/approvals/rules")
@allow(Role.FINANCE)
def approval_rule_set():
    form = _rule_form()
    if not form.validate_on_submit():
        return _page(rule_form=form, status=422)
    head = money_queries.staff_by_id(form.division.data) if form.division.data else None
    try:
        operations.set_rule(
            from_fen=form.from_amount.fen,
            steps=form.steps(),
            division=head,
            minutes=form.minutes.data,
            actor=current_user,
            now=web.now(),
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(rule_form=form, status=422)
    web.flash("审批规则已设定，此后提交的支付按此办理。", "success")
    return redirect(url_for("awards.approvals"), 303)


@bp.post(f"/money/approvals/rules/<int(max={MAX_ID}):rule_id>/end")
@allow(Role.FINANCE)
def approval_rule_end(rule_id: int):
    found = money_queries.approval_rule_by_id(rule_id, current_user)
    operations.end_rule(found, actor=current_user, now=web.now())
    web.flash("规则已停用。", "success")
    return redirect(url_for("awards.approvals"), 303)


@bp.post("/money/approvals/delegations")
@allow(*money_queries.SIGNERS)
def delegation_give():
    form = _delegation_form()
    if not form.validate_on_submit():
        return _page(delegation_form=form, status=422)
    try:
        operations.delegate(
            to=money_queries.staff_by_id(form.to.data),
            first_day=form.first_day.data,
            last_day=form.last_day.data,
            reason=form.reason.data,
            actor=current_user,
            now=web.now(),
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(delegation_form=form, status=422)
    web.flash("委托已登记，期间内受托人可代签。", "success")
    return redirect(url_for("awards.approvals"), 303)


@bp.post(f"/money/approvals/delegations/<int(max={MAX_ID}):delegation_id>/end")
@allow(*money_queries.SIGNERS)
def delegation_end(delegation_id: int):
    found = money_queries.delegation_by_id(delegation_id, current_user)
    operations.end_delegation(found, actor=current_user, now=web.now())
    web.flash("委托已收回。", "success")
    return redirect(url_for("awards.approvals"), 303)
