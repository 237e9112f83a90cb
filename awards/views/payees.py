"""Payees and their accounts: entered by one, verified by another, shown masked; showing a number is recorded."""

import time

from flask import redirect, render_template, request, session, url_for
from flask_login import current_user

from awards import queries
from awards.enums import PayeeKind
from awards.forms import AccountForm, PayeeForm
from awards.models import Payee, PayeeAccount
from awards.operations import disclosure
from awards.operations import payees as operations
from awards.states import ACCOUNT
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer
from awards.wording import ACCOUNT_DOUBTS, EXCLUSION_REASONS, PAYEE_KINDS, choices
from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column
from judging.models import Judge

REVEALED_SECONDS = 120


def in_force_or_last(payee: Payee) -> PayeeAccount | None:
    return payee.account or (payee.accounts[-1] if payee.accounts else None)


def _state(payee: Payee) -> str:
    account = in_force_or_last(payee)
    return ACCOUNT.badge(account).label if account else "未登记"


PAYEES = Listed(
    title="收款单位",
    columns=[
        Column("name", "单位名称", lambda payee: payee.name, width=40),
        Column("kind", "类别", lambda payee: PAYEE_KINDS[payee.kind]),
        Column("credit_code", "统一社会信用代码", lambda payee: payee.credit_code or "", width=22),
        Column("state", "账户", _state),
    ],
    sorts={"name": Payee.name, "kind": Payee.kind, "credit_code": Payee.credit_code, "id": Payee.id},
    default_sort="name",
    search=(Payee.name, Payee.credit_code),
    filters=lambda: [
        listing.Filter("kind", "类别", choices(PAYEE_KINDS), lambda value: Payee.kind == PayeeKind(value))
    ],
)


@bp.get("/money/payees")
@allow(*queries.READERS)
def payees_list():
    return list_answer(
        PAYEES,
        queries.payees_visible_to(current_user),
        "awards/payees.html",
        kinds=PAYEE_KINDS,
        account_of=in_force_or_last,
        badge=ACCOUNT.badge,
    )


@bp.route("/money/payees/new", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.FINANCE)
def payee_new():
    form, experts = PayeeForm(), queries.experts_without_payee()
    form.expert.choices = [(0, "—"), *((judge.id, f"{judge.name}（{judge.employer}）") for judge in experts)]
    if form.validate_on_submit():
        try:
            payee = _made(form, experts)
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            return redirect(url_for("awards.payee", payee_id=payee.id), 303)
    return render_template("awards/payee_new.html", form=form), 422 if form.is_submitted() else 200


def _made(form: PayeeForm, experts: list[Judge]) -> Payee:
    by = {"actor": current_user, "now": web.now()}
    if form.kind.data == PayeeKind.EXPERT:
        chosen = next(judge for judge in experts if judge.id == form.expert.data)
        return operations.make_expert(chosen, **by)
    return operations.make_payee(
        kind=PayeeKind(form.kind.data), name=form.name.data.strip(), credit_code=form.credit_code.data, **by
    )


def _page(payee: Payee, form: AccountForm, status: int = 200):
    shown_id, until = session.get("revealed_account", (None, 0))
    ids = [person for account in payee.accounts for person in (account.entered_by_id, account.verified_by_id)]
    page = render_template(
        "awards/payee.html",
        payee=payee,
        form=form,
        kinds=PAYEE_KINDS,
        reasons=EXCLUSION_REASONS,
        badge=ACCOUNT.badge,
        may_keep=current_user.role in (Role.OFFICE, Role.FINANCE),
        may_reveal=current_user.role == Role.FINANCE,
        revealed=shown_id if time.time() < until else None,
        can_verify={a.id for a in payee.accounts if ACCOUNT.can(a, "verify", current_user)},
        doubts=ACCOUNT_DOUBTS,
        doubts_of=operations.doubts_of,
        people=queries.user_names(*ids),
        events=trail.events_for(payee, *payee.accounts),
    )
    return page, status


@bp.get(f"/money/payees/<int(max={MAX_ID}):payee_id>")
@allow(*queries.READERS)
def payee(payee_id: int):
    found = queries.payee_by_id(payee_id, current_user)
    return _page(found, AccountForm(account_name=found.name))


@bp.post(f"/money/payees/<int(max={MAX_ID}):payee_id>/accounts")
@allow(Role.OFFICE, Role.FINANCE)
def account_enter(payee_id: int):
    found = queries.payee_by_id(payee_id, current_user)
    form = AccountForm()
    if form.validate_on_submit():
        try:
            operations.enter_account(
                found,
                account_name=form.account_name.data.strip(),
                number=form.number.data.strip(),
                bank=form.bank.data.strip(),
                bank_code=form.bank_code.data or "",
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("账户已录入，须由另一人核验后才能付款。", "success")
            return redirect(url_for("awards.payee", payee_id=found.id), 303)
    return _page(found, form, 422)


@bp.post(f"/money/accounts/<int(max={MAX_ID}):account_id>/verify")
@allow(Role.OFFICE, Role.FINANCE)
def account_verify(account_id: int):
    account = queries.account_by_id(account_id, current_user)
    note = request.form.get("reason", "")[:200]
    try:
        operations.verify_account(account, doubts_note=note, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        form = AccountForm(formdata=None, account_name=account.payee.name)
        form.take(refusal)
        return _page(account.payee, form, 422)
    web.flash("账户已核验。", "success")
    return redirect(url_for("awards.payee", payee_id=account.payee_id), 303)


@bp.post(f"/money/accounts/<int(max={MAX_ID}):account_id>/reveal")
@allow(Role.FINANCE)
def account_reveal(account_id: int):
    """Recorded first; the number then shows on the payee's page for two minutes, in this browser only."""
    account = queries.account_by_id(account_id, current_user)
    disclosure.reveal_account(account, actor=current_user, now=web.now())
    session["revealed_account"] = (account.id, int(time.time()) + REVEALED_SECONDS)
    return redirect(url_for("awards.payee", payee_id=account.payee_id), 303)
