"""Staff's reads of awards, notices, objections and money; who sees what is decided here."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import BigInteger, Row, Select, and_, case, cast, exists, false, func, or_, select
from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload

from awards.enums import (
    AcceptanceState,
    AwardGroup,
    AwardKind,
    AwardState,
    ClawbackState,
    NoticeState,
    PayeeKind,
    PaymentState,
    TaskBookState,
)
from awards.models import (
    Acceptance,
    Award,
    Certificate,
    Clawback,
    Exclusion,
    Instalment,
    Notice,
    NoticePosting,
    Objection,
    OtherSupport,
    Payee,
    PayeeAccount,
    Payment,
    PaymentBatch,
    PaymentStep,
    TaskBook,
    Tier,
    TierPlan,
)
from awards.rules import may_judge_project
from competition.models import Edition, Enterprise, Entry
from competition.queries import acting_for
from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.models import User
from core.rules import Actor
from fund.models import BudgetLine
from judging.models import Judge
from judging.queries.judges import conflict_pairs

READERS = (Role.OFFICE, Role.FINANCE, Role.LEADER, Role.SUPERVISION)
# Objections name people who complain: fewer read them.
OBJECTION_READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER)
PUBLISHED = (NoticeState.RUNNING, NoticeState.CLOSED, NoticeState.FINAL)


def one(stmt: Select):
    found = db.session.scalar(stmt)
    if found is None:
        raise NotVisible()
    return found


def _readers(actor: Actor, stmt: Select, roles: Sequence[Role] = READERS) -> Select:
    return stmt if actor.role in roles else stmt.where(false())


def _own_codes(actor: Actor) -> Select:
    return select(Enterprise.credit_code).where(Enterprise.id.in_(acting_for(actor)))


def awards_visible_to(actor: Actor) -> Select[tuple[Award]]:
    """An enterprise learns of its award when the public does, not while the office is still deciding."""
    if actor.role != Role.ENTERPRISE:
        return _readers(actor, select(Award))
    noticed = exists().where(Notice.id == Award.notice_id, Notice.state.in_(PUBLISHED))
    settled = Award.state.in_((AwardState.CONFIRMED, AwardState.SETTLED))
    own = Award.payee_id.in_(select(Payee.id).where(Payee.credit_code.in_(_own_codes(actor))))
    return select(Award).where(own, or_(noticed, settled))


def light_entry():
    """The entry of an award with its words only: lists do not need the enterprise again."""
    return (
        joinedload(Award.entry).load_only(Entry.number, Entry.title, Entry.prefecture_code, Entry.group),
        joinedload(Award.entry).lazyload(Entry.enterprise),
        joinedload(Award.entry).joinedload(Entry.track),
    )


def award_rows(actor: Actor) -> Select[tuple[Award]]:
    stmt = awards_visible_to(actor).outerjoin(Payee, Payee.id == Award.payee_id)
    return stmt.options(
        joinedload(Award.edition).load_only(Edition.code, Edition.name, Edition.year), *light_entry()
    )


def award_by_number(number: str, actor: Actor) -> Award:
    stmt = awards_visible_to(actor).where(Award.number == number)
    parts = (selectinload(Award.instalments), selectinload(Award.task_books))
    return one(stmt.options(*parts, joinedload(Award.acceptance)))


def payments_of_award(award: Award) -> list[Payment]:
    stmt = select(Payment).join(Instalment, Instalment.id == Payment.instalment_id)
    return list(db.session.scalars(stmt.where(Instalment.award_id == award.id).order_by(Payment.id.desc())))


def objections_of_award(award: Award, actor: Actor) -> list[Objection]:
    if award.notice_id is None:
        return []
    concerns = or_(Objection.entry_id.is_(None), Objection.entry_id == award.entry_id)
    stmt = objections_visible_to(actor).where(Objection.notice_id == award.notice_id, concerns)
    return list(db.session.scalars(stmt.order_by(Objection.id)))


def certificate_of(award: Award) -> Certificate | None:
    stmt = select(Certificate).where(Certificate.award_id == award.id, Certificate.revoked_at.is_(None))
    return db.session.scalar(stmt)


def plans_visible_to(actor: Actor) -> Select[tuple[TierPlan]]:
    stmt = select(TierPlan).options(
        joinedload(TierPlan.edition), joinedload(TierPlan.line), selectinload(TierPlan.tiers)
    )
    return _readers(actor, stmt)


def plan_by_id(plan_id: int, actor: Actor) -> TierPlan:
    return one(plans_visible_to(actor).where(TierPlan.id == plan_id))


def plans_beside(plan: TierPlan, actor: Actor) -> list[TierPlan]:
    """The plans of the same edition, this one among them, oldest first."""
    stmt = plans_visible_to(actor).where(TierPlan.edition_id == plan.edition_id)
    return list(db.session.scalars(stmt.order_by(TierPlan.id)))


def tier_by_id(tier_id: int, actor: Actor) -> Tier:
    return one(_readers(actor, select(Tier)).where(Tier.id == tier_id))


def given_by_tier(plan: TierPlan) -> dict[int, int]:
    """Places already taken in each tier."""
    live = Award.state != AwardState.CANCELLED
    stmt = select(Award.tier_id, func.count()).where(Award.tier_id.in_([t.id for t in plan.tiers]), live)
    return dict(db.session.execute(stmt.group_by(Award.tier_id)).all())


def notices_visible_to(actor: Actor) -> Select[tuple[Notice]]:
    stmt = select(Notice).options(joinedload(Notice.edition).load_only(Edition.code, Edition.name))
    return _readers(actor, stmt)


def notice_by_id(notice_id: int, actor: Actor) -> Notice:
    return one(notices_visible_to(actor).where(Notice.id == notice_id))


def corrections_of(notice: Notice) -> list[Notice]:
    stmt = select(Notice).where(Notice.corrects_id == notice.id).order_by(Notice.id)
    return list(db.session.scalars(stmt))


def postings_of(notice: Notice) -> list[NoticePosting]:
    stmt = select(NoticePosting).where(NoticePosting.notice_id == notice.id).order_by(NoticePosting.id)
    return list(
        db.session.scalars(
            stmt.options(joinedload(NoticePosting.file), joinedload(NoticePosting.recorded_by))
        )
    )


def posting_by_id(posting_id: int, actor: Actor) -> NoticePosting:
    return one(_readers(actor, select(NoticePosting)).where(NoticePosting.id == posting_id))


def proposed_awards(edition: Edition, corrects: Notice | None = None) -> list[Award]:
    """Awards to be shown by a notice, in the order of a published list: 初创, 成长, 单位, then tier, rank, number.

    One that was moved up after its notice is shown again only by a correction of that notice.
    """
    shown = Award.notice_id.is_(None)
    if corrects is not None:
        shown = or_(shown, Award.notice_id == corrects.id)
    stmt = (
        select(Award)
        .outerjoin(Tier, Tier.id == Award.tier_id)
        .where(Award.edition_id == edition.id, Award.state == AwardState.PROPOSED, shown)
        .options(*light_entry())
        .order_by(in_group_order(Award.group), Tier.position, Award.rank, Award.number)
    )
    return list(db.session.scalars(stmt))


def in_group_order(column):
    """初创, 成长, 单位: the order of every list that is published (DOMAIN.md 8.7)."""
    return case({group.value: place for place, group in enumerate(AwardGroup)}, value=column)


def objections_visible_to(actor: Actor) -> Select[tuple[Objection]]:
    stmt = select(Objection).options(
        joinedload(Objection.notice).load_only(Notice.title, Notice.prepared_by_id),
        joinedload(Objection.entry).lazyload(Entry.enterprise),
        joinedload(Objection.entry).lazyload(Entry.track),
        joinedload(Objection.handler),
    )
    return _readers(actor, stmt, OBJECTION_READERS)


def objection_by_ticket(ticket: str, actor: Actor) -> Objection:
    return one(objections_visible_to(actor).where(Objection.ticket == ticket))


def certificates_visible_to(actor: Actor) -> Select[tuple[Certificate]]:
    stmt = select(Certificate).join(Award, Award.id == Certificate.award_id)
    stmt = stmt.options(joinedload(Certificate.award).lazyload(Award.payee))
    if actor.role == Role.ENTERPRISE:
        own = select(Payee.id).where(Payee.credit_code.in_(_own_codes(actor)))
        return stmt.where(Award.payee_id.in_(own))
    return _readers(actor, stmt)


def certificate_by_number(number: str, actor: Actor) -> Certificate:
    return one(certificates_visible_to(actor).where(Certificate.number == number))


def payees_visible_to(actor: Actor) -> Select[tuple[Payee]]:
    return _readers(actor, select(Payee).options(selectinload(Payee.accounts)))


def payee_by_id(payee_id: int, actor: Actor) -> Payee:
    return one(payees_visible_to(actor).where(Payee.id == payee_id))


def account_by_id(account_id: int, actor: Actor) -> PayeeAccount:
    return one(_readers(actor, select(PayeeAccount)).where(PayeeAccount.id == account_id))


def task_books_visible_to(actor: Actor) -> Select[tuple[TaskBook]]:
    """An enterprise reads its own once they were issued."""
    stmt = select(TaskBook).join(Award, Award.id == TaskBook.award_id)
    if actor.role != Role.ENTERPRISE:
        return _readers(actor, stmt)
    own = select(Payee.id).where(Payee.credit_code.in_(_own_codes(actor)))
    issued = (TaskBookState.ISSUED, TaskBookState.SIGNED)
    return stmt.where(Award.payee_id.in_(own), TaskBook.state.in_(issued))


def task_book_rows(actor: Actor) -> Select[tuple[TaskBook]]:
    stmt = task_books_visible_to(actor).join(Payee, Payee.id == Award.payee_id)
    return stmt.options(joinedload(TaskBook.award).options(*_award_words()))


def task_book_by_number(number: str, actor: Actor) -> TaskBook:
    stmt = task_books_visible_to(actor).where(TaskBook.number == number)
    return one(stmt.options(joinedload(TaskBook.scan)))


def exclusions_visible_to(actor: Actor) -> Select[tuple[Exclusion]]:
    return _readers(actor, select(Exclusion))


def exclusion_by_id(exclusion_id: int, actor: Actor) -> Exclusion:
    return one(exclusions_visible_to(actor).where(Exclusion.id == exclusion_id))


def acceptances_visible_to(actor: Actor) -> Select[tuple[Acceptance]]:
    stmt = (
        select(Acceptance)
        .join(Award, Award.id == Acceptance.award_id)
        .join(Payee, Payee.id == Award.payee_id)
        .options(joinedload(Acceptance.award).options(*_award_words()))
    )
    return _readers(actor, stmt)


def _award_words():
    return (
        joinedload(Award.edition).load_only(Edition.code, Edition.name),
        lazyload(Award.entry),
    )


def acceptance_by_id(acceptance_id: int, actor: Actor) -> Acceptance:
    return one(acceptances_visible_to(actor).where(Acceptance.id == acceptance_id))


def acceptance_late(today: date):
    """Sent back for rectification and not handed in again by its day."""
    late = (Acceptance.rectify_by < today, Acceptance.resubmitted_at.is_(None))
    return and_(Acceptance.state == AcceptanceState.RECTIFYING, *late)


def task_book_late(today: date):
    """Signed and over, without an application for acceptance."""
    applied = exists().where(Acceptance.award_id == TaskBook.award_id)
    return and_(TaskBook.state == TaskBookState.SIGNED, TaskBook.ends_on < today, ~applied)


def clawback_late(today: date):
    return and_(Clawback.state == ClawbackState.DEMANDED, Clawback.due_on < today)


def experts_for(acceptance: Acceptance) -> list[Judge]:
    """Experts who may sit on its panel: in service, of another unit, without a noted conflict."""
    judges = list(db.session.scalars(select(Judge).where(Judge.active).order_by(Judge.name, Judge.id)))
    conflicts = conflict_pairs([judge.id for judge in judges], [acceptance.award.entry_id or 0])
    return [judge for judge in judges if may_judge_project(judge, acceptance, conflicts)]


def clawbacks_visible_to(actor: Actor) -> Select[tuple[Clawback]]:
    stmt = (
        select(Clawback)
        .join(Award, Award.id == Clawback.award_id)
        .join(Payee, Payee.id == Award.payee_id)
        .options(joinedload(Clawback.award).options(*_award_words()), selectinload(Clawback.refunds))
    )
    return _readers(actor, stmt)


def clawback_by_number(number: str, actor: Actor) -> Clawback:
    return one(clawbacks_visible_to(actor).where(Clawback.number == number))


def clawbacks_of(award: Award) -> list[Clawback]:
    stmt = select(Clawback).where(Clawback.award_id == award.id).order_by(Clawback.id)
    return list(db.session.scalars(stmt))


def payments_visible_to(actor: Actor) -> Select[tuple[Payment]]:
    """An enterprise sees its own once they were handed in."""
    if actor.role != Role.ENTERPRISE:
        return _readers(actor, select(Payment))
    own = select(Payee.id).where(Payee.credit_code.in_(_own_codes(actor)))
    return select(Payment).where(Payment.payee_id.in_(own), Payment.state != PaymentState.DRAFT)


def payment_rows(actor: Actor) -> Select[tuple[Payment]]:
    return (
        payments_visible_to(actor)
        .join(Instalment, Instalment.id == Payment.instalment_id)
        .join(Award, Award.id == Instalment.award_id)
        .join(Payee, Payee.id == Payment.payee_id)
        .options(
            joinedload(Payment.instalment)
            .joinedload(Instalment.award)
            .options(load_only(Award.number, Award.tier_name, Award.group), lazyload(Award.payee)),
            joinedload(Payment.batch).load_only(PaymentBatch.number),
            selectinload(Payment.steps),
            selectinload(Payment.chains),
        )
    )


def payment_by_number(number: str, actor: Actor) -> Payment:
    steps = selectinload(Payment.steps).joinedload(PaymentStep.actor)
    stmt = payments_visible_to(actor).where(Payment.number == number)
    return one(stmt.options(steps, joinedload(Payment.instalment).joinedload(Instalment.award)))


def instalments_due() -> Select[tuple[Instalment]]:
    """Parts of confirmed awards that no payment is under way for."""
    live = exists().where(
        and_(Payment.instalment_id == Instalment.id, Payment.state != PaymentState.CANCELLED)
    )
    return (
        select(Instalment)
        .join(Award, Award.id == Instalment.award_id)
        .join(Payee, Payee.id == Award.payee_id)
        .where(Award.state == AwardState.CONFIRMED, ~live)
        .options(
            joinedload(Instalment.award).options(
                joinedload(Award.acceptance),
                selectinload(Award.task_books),
                selectinload(Award.operating_checks),
                joinedload(Award.notice).selectinload(Notice.objections),
                joinedload(Award.edition).load_only(Edition.name),
                joinedload(Award.payee).selectinload(Payee.exclusions),
                lazyload(Award.entry),
            )
        )
    )


def part_rows(actor: Actor) -> Select[tuple[Instalment]]:
    stmt = select(Instalment).join(Award, Award.id == Instalment.award_id)
    stmt = stmt.join(Payee, Payee.id == Award.payee_id).options(
        joinedload(Instalment.award).options(
            load_only(Award.number, Award.granted_at), joinedload(Award.payee), lazyload(Award.entry)
        ),
        selectinload(Instalment.payments).lazyload(Payment.payee),
    )
    return _readers(actor, stmt)


def payments_ready() -> list[Payment]:
    """Approved by everybody and in no batch yet."""
    stmt = select(Payment).where(Payment.state == PaymentState.APPROVED, Payment.batch_id.is_(None))
    return list(db.session.scalars(stmt.order_by(Payment.number)))


def payments_by_ids(ids: Sequence[int]) -> list[Payment]:
    return list(db.session.scalars(select(Payment).where(Payment.id.in_(ids)).order_by(Payment.number)))


def batches_visible_to(actor: Actor) -> Select[tuple[PaymentBatch]]:
    return _readers(actor, select(PaymentBatch))


def batch_by_number(number: str, actor: Actor) -> PaymentBatch:
    stmt = batches_visible_to(actor).where(PaymentBatch.number == number)
    return one(stmt.options(selectinload(PaymentBatch.payments)))


def user_names(*ids: int | None) -> dict[int | None, str]:
    wanted = {user_id for user_id in ids if user_id}
    stmt = select(User.id, User.display_name).where(User.id.in_(wanted))
    return {None: "系统", **dict(db.session.execute(stmt).all())}


def editions() -> list[Edition]:
    stmt = select(Edition).where(Edition.revises_id.is_(None))
    return list(db.session.scalars(stmt.order_by(Edition.year.desc(), Edition.id.desc())))


def fiscal_years() -> list[int]:
    return sorted(db.session.scalars(select(Award.fiscal_year).distinct()), reverse=True)


def tier_names() -> list[str]:
    return sorted(db.session.scalars(select(Award.tier_name).distinct()))


def lines() -> list[BudgetLine]:
    return list(
        db.session.scalars(select(BudgetLine).order_by(BudgetLine.fiscal_year.desc(), BudgetLine.code))
    )


def unit_payees() -> list[Payee]:
    units = Payee.kind.in_((PayeeKind.BUREAU, PayeeKind.HOST))
    return list(db.session.scalars(select(Payee).where(units).order_by(Payee.name)))


def treasury_payees() -> list[Payee]:
    return list(
        db.session.scalars(select(Payee).where(Payee.kind == PayeeKind.TREASURY).order_by(Payee.name))
    )


def experts_without_payee() -> list[Judge]:
    known = select(Payee.judge_id).where(Payee.judge_id.is_not(None))
    stmt = select(Judge).where(Judge.active, Judge.id.not_in(known))
    return list(db.session.scalars(stmt.order_by(Judge.name, Judge.id)))


def payees() -> list[Payee]:
    """Units, by name; experts are paid by their fee lists."""
    stmt = select(Payee).where(Payee.credit_code.is_not(None))
    return list(db.session.scalars(stmt.order_by(Payee.name, Payee.id)))


def award_facts(actor: Actor) -> Sequence[Row]:
    """Awards by budget year, edition, item carried and money carried: how many, how much, paid before and this year."""
    part = Instalment.award_id == Award.id
    paid = select(func.coalesce(func.sum(Payment.fen), 0)).join(Instalment).where(part)
    paid = paid.where(Payment.state == PaymentState.PAID).correlate(Award).scalar_subquery()
    before = select(func.coalesce(func.sum(Instalment.paid_before_fen), 0)).where(part)
    each = (
        awards_visible_to(actor)
        .where(Award.state != AwardState.CANCELLED, Award.kind != AwardKind.TREASURY)
        .add_columns(paid.label("paid"), before.correlate(Award).scalar_subquery().label("before"))
        .subquery()
    )
    facts = (each.c.fiscal_year, each.c.edition_id, Edition.name, each.c.item_carried, each.c.money_carried)
    sums = {"amount_fen": each.c.amount_fen, "paid_fen": each.c.paid, "before_fen": each.c.before}
    totals = [cast(func.sum(column), BigInteger).label(name) for name, column in sums.items()]
    stmt = select(*facts, Edition.name.label("edition_name"), func.count().label("number"), *totals)
    stmt = stmt.join(Edition, Edition.id == each.c.edition_id).group_by(*facts, Edition.year)
    return db.session.execute(stmt.order_by(facts[0].desc(), facts[3], Edition.year.desc(), facts[4])).all()


def supports_visible_to(actor: Actor) -> Select[tuple[OtherSupport]]:
    return _readers(actor, select(OtherSupport))


def support_by_id(support_id: int, actor: Actor) -> OtherSupport:
    return one(supports_visible_to(actor).where(OtherSupport.id == support_id))


def entries_of_edition(edition: Edition) -> dict[int, Entry]:
    stmt = select(Entry).where(Entry.edition_id == edition.id)
    stmt = stmt.options(
        load_only(Entry.number, Entry.title), joinedload(Entry.enterprise), lazyload(Entry.track)
    )
    return {entry.id: entry for entry in db.session.scalars(stmt)}
