"""The awards: list, detail with parts and payments, cancellation; an enterprise's own awards."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries
from awards.enums import (
    AwardGroup,
    AwardKind,
    AwardState,
    ClawbackState,
    InstalmentCondition,
    PaymentState,
    TaskBookState,
)
from awards.forms import CarryForm
from awards.indicators import LIVE
from awards.models import Award, Payee
from awards.operations import awards as operations
from awards.operations.certificates import CERTIFIED
from awards.operations.clawbacks import ENDED, paid_fen
from awards.states import ACCEPTANCE, AWARD, CLAWBACK, OBJECTION, PAYMENT, TASK_BOOK
from awards.views import bp
from awards.views.answers import Listed, list_answer
from awards.wording import AWARD_GROUPS, AWARD_KINDS, CONDITIONS, ITEMS, MONEY, choices
from competition.models import Edition
from core import listing, trail, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column
from fund.models import BudgetLine


def _filters() -> list[listing.Filter]:
    return [
        listing.Filter("group", "组别", choices(AWARD_GROUPS), lambda value: Award.group == value),
        listing.Filter(
            "tier", "奖项", [(n, n) for n in queries.tier_names()], lambda v: Award.tier_name == v
        ),
        listing.Filter(
            "state",
            "状态",
            [(state.value, AWARD.badges[state].label) for state in AwardState],
            lambda value: Award.state == AwardState(value),
        ),
        listing.Filter(
            "standing",
            "是否有效",
            [("live", "已确定"), ("dead", "未定或取消")],
            lambda value: Award.state.in_(LIVE) if value == "live" else Award.state.not_in(LIVE),
        ),
        listing.Filter("kind", "类别", choices(AWARD_KINDS), lambda value: Award.kind == value),
        listing.Filter(
            "edition",
            "届次",
            [(str(edition.id), edition.name) for edition in queries.editions()],
            lambda value: Award.edition_id == int(value),
        ),
        listing.Filter(
            "year",
            "预算年度",
            [(str(year), f"{year} 年") for year in queries.fiscal_years()],
            lambda value: Award.fiscal_year == int(value),
        ),
        listing.Filter(
            "carried",
            "新上或结转",
            [("0", "新上项目"), ("1", "结转项目")],
            lambda value: Award.item_carried.is_(value == "1"),
        ),
        listing.Filter(
            "money",
            "资金",
            [("0", "当年资金"), ("1", "结转资金")],
            lambda value: Award.money_carried.is_(value == "1"),
        ),
    ]


AWARDS = Listed(
    title="奖励",
    columns=[
        Column("number", "编号", lambda award: award.number),
        Column("payee", "获奖单位", lambda award: award.payee.name, width=34),
        Column("tier", "奖项", lambda award: award.tier_name),
        Column("group", "组别", lambda award: award.group.label),
        Column("rank", "名次", lambda award: award.rank, kind="number"),
        Column("amount", "金额（元）", lambda award: award.amount_fen, kind="fen"),
        Column("edition", "届次", lambda award: award.edition.name, width=30),
        Column("year", "预算年度", lambda award: award.fiscal_year, kind="number"),
        Column("item", "项目", lambda award: ITEMS[award.item_carried]),
        Column("money", "资金", lambda award: MONEY[award.money_carried]),
        Column("state", "状态", lambda award: AWARD.badge(award).label),
        Column("title", "项目名称", lambda award: award.entry.title if award.entry else "", width=40),
        Column("kind", "类别", lambda award: award.kind.label),
    ],
    sorts={
        "number": Award.number,
        "payee": Payee.name,
        "tier": Award.tier_name,
        "group": Award.group,
        "rank": Award.rank,
        "amount": Award.amount_fen,
        "edition": Edition.year,
        "year": Award.fiscal_year,
        "item": Award.item_carried,
        "money": Award.money_carried,
        "state": Award.state,
        "id": Award.id,
    },
    default_sort="number",
    search=(Award.number, Payee.name),
    filters=_filters,
    shown=11,
)


@bp.get("/awards")
@allow(*queries.READERS)
def awards_list():
    return list_answer(
        AWARDS,
        queries.award_rows(current_user),
        "awards/awards.html",
        badge=AWARD.badge,
        items=ITEMS,
        moneys=MONEY,
    )


def _award_page(award: Award, *, refusal: InvalidInput | None = None, status: int = 200):
    payments = queries.payments_of_award(award)
    live = {p.instalment_id: p for p in reversed(payments) if p.state != PaymentState.CANCELLED}
    page = render_template(
        "awards/award.html",
        award=award,
        refusal=refusal,
        badge=AWARD.badge(award),
        may_cancel=current_user.role == Role.OFFICE and AWARD.can(award, "cancel", current_user) and not live,
        live=live,
        payments=payments,
        paid_fen=sum(payment.fen for payment in payments if payment.state == PaymentState.PAID)
        + sum(part.paid_before_fen for part in award.instalments),
        conditions=CONDITIONS,
        needs_acceptance=_has_tail(award),
        needs_check=any(part.condition == InstalmentCondition.CHECK_PASSED for part in award.instalments),
        may_draft=_may_draft(award),
        may_terminate=award.kind == AwardKind.PRIZE and AWARD.can(award, "terminate", current_user),
        may_demand=_may_demand(award),
        clawbacks=queries.clawbacks_of(award),
        clawback_badge=CLAWBACK.badge,
        task_book_badge=TASK_BOOK.badge,
        objections=queries.objections_of_award(award, current_user),
        certificate=queries.certificate_of(award),
        has_letter=award.kind in CERTIFIED and not award.item_carried and award.state in LIVE,
        badges_for={"payment": PAYMENT.badge, "acceptance": ACCEPTANCE.badge, "objection": OBJECTION.badge},
        events=trail.events_for(award, award.acceptance, *payments),
    )
    return page, status


def _has_tail(award: Award) -> bool:
    return any(part.condition == InstalmentCondition.ACCEPTANCE_PASSED for part in award.instalments)


def _may_draft(award: Award) -> bool:
    """Whether the button for a task book belongs on the page."""
    live = any(book.state != TaskBookState.VOID for book in award.task_books)
    granted = award.state == AwardState.CONFIRMED and award.kind == AwardKind.PRIZE
    return current_user.role == Role.OFFICE and granted and not live


def _may_demand(award: Award) -> bool:
    live = [row for row in queries.clawbacks_of(award) if row.state != ClawbackState.WITHDRAWN]
    return current_user.role == Role.OFFICE and award.state in ENDED and not live and paid_fen(award) > 0


@bp.get("/awards/facts")
@allow(*queries.READERS)
def award_facts():
    """Edition, budget year, item and money, each its own column: tails of earlier editions beside this year's."""
    rows = queries.award_facts(current_user)
    return render_template("awards/award_facts.html", rows=rows, items=ITEMS, moneys=MONEY)


@bp.route("/awards/carry", methods=["GET", "POST"])
@allow(Role.OFFICE)
def award_carry():
    """An award of an earlier edition of which only the tail is left, to be paid beside this year's."""
    form = CarryForm()
    form.edition.choices = [(edition.id, edition.name) for edition in queries.editions()]
    form.line.choices = [(line.id, f"{line.fiscal_year} {line.code} {line.name}") for line in queries.lines()]
    form.payee.choices = [(payee.id, f"{payee.name} {payee.credit_code}") for payee in queries.payees()]
    if form.validate_on_submit():
        try:
            made = operations.carry_award(
                edition=db.session.get(Edition, form.edition.data),
                line=db.session.get(BudgetLine, form.line.data),
                payee=db.session.get(Payee, form.payee.data),
                number=form.number.data.strip(),
                group=AwardGroup(form.group.data),
                tier_name=form.tier_name.data.strip(),
                amount_fen=form.amount.fen,
                paid_before_fen=form.paid_before.fen or 0,
                money_carried=form.money_carried.data,
                note=form.note.data or "",
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            return redirect(url_for("awards.award", number=made.number), 303)
    return render_template("awards/award_carry.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/awards/items/<number>")
@allow(*queries.READERS)
def award(number: str):
    return _award_page(queries.award_by_number(number, current_user))


@bp.post("/awards/items/<number>/cancel")
@allow(Role.OFFICE)
def award_cancel(number: str):
    award = queries.award_by_number(number, current_user)
    try:
        newcomer = operations.cancel_award(
            award, reason=request.form.get("reason", ""), actor=current_user, now=web.now()
        )
    except InvalidInput as refusal:
        return _award_page(award, refusal=refusal, status=422)
    words = f"已取消，由 {newcomer.payee.name} 递补（{newcomer.number}）。" if newcomer else "已取消。"
    web.flash(words, "success")
    return redirect(url_for("awards.award", number=award.number), 303)


OWN = Listed(
    title="我的奖励",
    columns=[column for column in AWARDS.columns if column.key not in ("edition", "item", "money")],
    sorts={"number": Award.number, "tier": Award.tier_name, "amount": Award.amount_fen, "id": Award.id},
    default_sort="-number",
    shown=8,
)


@bp.get("/enterprise/awards")
@allow(Role.ENTERPRISE)
def own_awards():
    return list_answer(OWN, queries.award_rows(current_user), "awards/own_awards.html", badge=AWARD.badge)


@bp.get("/enterprise/awards/<number>")
@allow(Role.ENTERPRISE)
def own_award(number: str):
    award = queries.award_by_number(number, current_user)
    payments = [
        payment for payment in queries.payments_of_award(award) if payment.state != PaymentState.DRAFT
    ]
    return render_template(
        "awards/own_award.html",
        award=award,
        badge=AWARD.badge(award),
        live={p.instalment_id: p for p in reversed(payments) if p.state != PaymentState.CANCELLED},
        payments=payments,
        conditions=CONDITIONS,
        needs_acceptance=_has_tail(award),
        certificate=queries.certificate_of(award),
        has_letter=award.kind in CERTIFIED and not award.item_carried and award.state in LIVE,
        badges_for={"payment": PAYMENT.badge, "acceptance": ACCEPTANCE.badge},
    )
