"""Awards: allocated from the standing, granted to units, carried from earlier editions, cancelled with replacement."""

from datetime import datetime, time

from sqlalchemy import select

from awards import allocation
from awards.entitlement import entitled
from awards.enums import (
    AwardGroup,
    AwardKind,
    AwardState,
    InstalmentCondition,
    PayeeKind,
    PaymentState,
    PlanState,
)
from awards.models import Award, Instalment, Payee, Payment, Tier, TierPlan
from awards.operations.certificates import revoke_certificate
from awards.operations.clawbacks import payments_in, stop_payments
from awards.operations.payees import make_payee
from awards.rules import may_run_awards
from awards.standing import cancelled_entries, standing
from awards.states import AWARD
from awards.wording import ALLOCATION_FAULTS
from competition.models import Edition, Entry
from core import audit
from core.clock import at_beijing, beijing_day, months_after
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.money import yuan
from core.numbering import next_number
from core.rules import SYSTEM, Actor
from fund.models import BudgetLine
from judging.scoring import ScoringError


def allocate_prizes(plan: TierPlan, *, actor: Actor, now: datetime) -> list[Award]:
    """Propose the prizes of a published plan from the edition's standing. A tie at an edge must be decided first."""
    may_run_awards(actor).or_raise()
    if plan.state != PlanState.PUBLISHED:
        raise Conflict("奖项设置尚未公布，不能分配奖项。", code="plan_not_published")
    if db.session.scalar(
        select(Award.id).where(Award.edition_id == plan.edition_id, Award.kind == AwardKind.PRIZE)
    ):
        raise Conflict("本届奖项已分配。", code="already_allocated")
    outcome = preview_allocation(plan)
    if not outcome.is_final:
        raise Conflict("名额边界上有并列，须先由评委会决定名次。", code="undecided_tie")
    if not outcome.awards:
        raise Conflict("还没有可以授奖的名次，请先办结总决赛。", code="nothing_to_allocate")
    entries = {
        entry.id: entry
        for entry in db.session.scalars(select(Entry).where(Entry.edition_id == plan.edition_id))
    }
    return [_propose(plan, entries[given.key], given, actor=actor, now=now) for given in outcome.awards]


def preview_allocation(plan: TierPlan) -> allocation.Allocation:
    """Who would receive what, who is passed over and why, which ties wait; changes nothing."""
    return _allocate(plan, cancelled_entries(plan.edition))


def _allocate(plan: TierPlan, without: frozenset[int]) -> allocation.Allocation:
    tiers: dict[str, list[allocation.Tier]] = {"startup": [], "growth": []}
    for tier in plan.tiers:
        if tier.kind == AwardKind.PRIZE:
            tiers[tier.group.value].append(allocation.Tier(tier.code, tier.places, tier.amount_fen))
    try:
        ranked, options = entitled(plan, standing(plan.edition, without=without))
        return allocation.allocate(ranked, tiers, options)
    except (allocation.AllocationError, ScoringError) as fault:
        sentence = ALLOCATION_FAULTS.get(fault.code.value, "名次或奖项设置有误，请核对后再分配。")
        raise Conflict(sentence, code=f"allocation_{fault.code.value}") from fault


def _propose(plan: TierPlan, entry: Entry, given: allocation.Award, *, actor: Actor, now: datetime) -> Award:
    tier = next(t for t in plan.tiers if t.group.value == given.group and t.code == given.tier)
    enterprise = entry.enterprise
    payee = make_payee(
        kind=PayeeKind.ENTERPRISE,
        name=enterprise.name,
        credit_code=enterprise.credit_code,
        division_code=enterprise.division_code,
        actor=SYSTEM,
        now=now,
    )
    return _grant(
        plan,
        tier,
        payee,
        entry=entry,
        fen=given.amount_fen,
        rank=given.position,
        note=f"已有其他财政支持 {yuan(given.replaces_fen)} 元，按就高原则授奖" if given.replaces_fen else "",
        actor=actor,
        now=now,
    )


def grant_unit(
    plan: TierPlan,
    *,
    tier: Tier,
    payee: Payee,
    fen: int | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Award:
    """An organiser award, a work fund or an event cost to a bureau or host; never more than the tier has places."""
    may_run_awards(actor).or_raise()
    if plan.state != PlanState.PUBLISHED:
        raise Conflict("奖项设置尚未公布，不能分配奖项。", code="plan_not_published")
    given = db.session.scalars(
        select(Award).where(Award.tier_id == tier.id, Award.state != AwardState.CANCELLED)
    ).all()
    if len(given) >= tier.places:
        raise Conflict(f"{tier.name}名额已满。", code="no_place_left")
    if tier.kind == AwardKind.ORGANISER and payee.id in {award.payee_id for award in given}:
        raise Conflict(f"{payee.name}已获{tier.name}，不能重复授予。", code="granted_twice")
    return _grant(
        plan, tier, payee, entry=None, fen=fen or tier.amount_fen, rank=None, note=note, actor=actor, now=now
    )


def _grant(plan: TierPlan, tier: Tier, payee: Payee, *, entry, fen, rank, note, actor, now) -> Award:
    award = Award(
        number=next_number(f"award:{plan.edition.code}", f"{plan.edition.code.upper()}-J", 3),
        edition=plan.edition,
        line=plan.line,
        fiscal_year=plan.line.fiscal_year,
        kind=tier.kind,
        group=tier.group,
        tier_id=tier.id,
        tier_name=tier.name,
        entry=entry,
        payee=payee,
        rank=rank,
        amount_fen=fen,
        granted_at=now,
        note=note,
    )
    db.session.add(award)
    flush()
    _resplit(award, tier)
    flush()
    after = {"number": award.number, "tier": tier.name, "amount_fen": fen, "payee": payee.name}
    audit.record("award.propose", award, actor=actor, now=now, after=after)
    return award


def parts_of(tier: Tier, amount_fen: int) -> list[tuple[int, InstalmentCondition, int]]:
    """(分, condition, months): one payment after the notice or the signed task book, or a first one then and the
    tail after what the tier says."""
    shares = [10_000] if tier.first_bp in (0, 10_000) else [tier.first_bp, 10_000 - tier.first_bp]
    first = InstalmentCondition.CONTRACT_SIGNED if tier.needs_contract else InstalmentCondition.NOTICE_OVER
    terms = ((first, 0), (tier.tail_condition, tier.tail_months))
    amounts = allocation.split_instalments(amount_fen, shares)
    return [(fen, *term) for fen, term in zip(amounts, terms, strict=False)]


def confirm_award(award: Award, *, actor: Actor, now: datetime) -> None:
    """From this day the months are counted that parts wait for."""
    AWARD.fire(award, "confirm", actor=actor, now=now)
    for part in award.instalments:
        if part.months:
            part.due_at = at_beijing(months_after(beijing_day(now), part.months), time.min)
    flush()


def carry_award(
    *,
    edition: Edition,
    line: BudgetLine,
    payee: Payee,
    number: str,
    group: AwardGroup,
    tier_name: str,
    amount_fen: int,
    paid_before_fen: int,
    money_carried: bool = False,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Award:
    """An earlier edition's award of which only the tail is left: the item is carried, the money is this year's."""
    may_run_awards(actor).or_raise()
    if not 0 <= paid_before_fen < amount_fen:
        raise InvalidInput("已拨金额应小于核定金额。", code="paid_before", field="paid_before")
    award = Award(
        number=number,
        edition=edition,
        line=line,
        fiscal_year=line.fiscal_year,
        item_carried=True,
        money_carried=money_carried,
        kind=AwardKind.PRIZE,
        group=group,
        tier_name=tier_name,
        payee=payee,
        amount_fen=amount_fen,
        granted_at=now,
        note=note,
    )
    db.session.add(award)
    flush()
    tail = Instalment(
        award=award,
        seq=2,
        fen=amount_fen - paid_before_fen,
        condition=InstalmentCondition.ACCEPTANCE_PASSED,
        paid_before_fen=paid_before_fen,
    )
    db.session.add(tail)
    flush()
    audit.record("award.carry", award, actor=actor, now=now, after={"number": number, "tail_fen": tail.fen})
    confirm_award(award, actor=SYSTEM, now=now)
    return award


def cancel_award(award: Award, *, reason: str, actor: Actor, now: datetime) -> Award | None:
    """Take an award back before anything was paid; the next in the standing moves up into the freed place.

    Everybody below moves up a tier where a higher one became free, so the whole allocation is done again and the
    awards that change are replaced. Returns the award of the newcomer, if there is one.
    """
    if award_has_live_payment(award):
        raise Conflict("该奖励已有支付在办，须先撤销支付。", code="payment_live")
    AWARD.fire(award, "cancel", actor=actor, now=now, reason=reason)
    if award.entry_id is None or award.tier_id is None:
        return None
    plan = db.session.get(Tier, award.tier_id).plan
    return _reallocate(plan, actor=actor, now=now, reason=reason)


def revoke_award(award: Award, *, reason: str, actor: Actor, now: datetime) -> Award | None:
    """Take an award back whatever was done with it: payments under way are cancelled and their holds released.

    What was paid is demanded back afterwards (`operations.clawbacks`). Returns the newcomer's award, if any.
    """
    stop_payments(award, reason=reason[:500], now=now)
    AWARD.fire(award, "cancel", actor=actor, now=now, reason=reason)
    revoke_certificate(award, reason=reason, now=now)
    if award.entry_id is None or award.tier_id is None:
        return None
    plan = db.session.get(Tier, award.tier_id).plan
    return _reallocate(plan, actor=actor, now=now, reason=reason)


def award_has_live_payment(award: Award) -> bool:
    stmt = (
        select(Payment.id)
        .join(Instalment)
        .where(Instalment.award_id == award.id, Payment.state.not_in((PaymentState.CANCELLED,)))
    )
    return db.session.scalar(stmt) is not None


def _reallocate(plan: TierPlan, *, actor: Actor, now: datetime, reason: str) -> Award | None:
    outcome = _allocate(plan, cancelled_entries(plan.edition))
    current = {
        award.entry_id: award
        for award in db.session.scalars(
            select(Award).where(
                Award.edition_id == plan.edition_id,
                Award.entry_id.is_not(None),
                Award.state != AwardState.CANCELLED,
            )
        )
    }
    tiers = {(tier.group.value, tier.code): tier for tier in plan.tiers}
    newcomer = None
    for given in outcome.awards:
        held = current.get(given.key)
        if held is None:
            newcomer = _propose(plan, db.session.get(Entry, given.key), given, actor=SYSTEM, now=now)
        elif held.tier_id != tiers[given.group, given.tier].id:
            _raise_tier(
                held, tiers[given.group, given.tier], given.position, actor=actor, now=now, reason=reason
            )
    return newcomer


def _raise_tier(award: Award, tier: Tier, position: int, *, actor: Actor, now: datetime, reason: str) -> None:
    """Into the freed place. Holds for the old amount are released; where a part was paid, the difference becomes a
    part of its own. The award is proposed again, so that a correction shows it before more is paid."""
    stop_payments(award, reason=f"递补上调：{reason}"[:500], now=now)
    before = {"tier": award.tier_name, "amount_fen": award.amount_fen}
    award.tier_id, award.tier_name, award.rank = tier.id, tier.name, position
    award.amount_fen = tier.amount_fen
    if payments_in(award, PaymentState.PAID):
        _add_difference(award)
    else:
        _resplit(award, tier)
    flush()
    db.session.expire(award, ["instalments"])
    after = {"tier": tier.name, "amount_fen": tier.amount_fen}
    audit.record("award.move_up", award, actor=actor, now=now, before=before, after=after, reason=reason)
    revoke_certificate(award, reason=reason, now=now)
    if award.state != AwardState.PROPOSED:
        AWARD.fire(award, "reopen", actor=SYSTEM, now=now, reason=reason)


def _add_difference(award: Award) -> None:
    left = award.amount_fen - sum(part.fen + part.paid_before_fen for part in award.instalments)
    if left > 0:
        last = max(part.seq for part in award.instalments)
        part = Instalment(award=award, seq=last + 1, fen=left, condition=InstalmentCondition.NOTICE_OVER)
        db.session.add(part)


def _resplit(award: Award, tier: Tier) -> None:
    """The parts anew, in place: cancelled payments still point to the rows there are."""
    parts = parts_of(tier, award.amount_fen)
    for seq, (fen, condition, months) in enumerate(parts, 1):
        part = next((part for part in award.instalments if part.seq == seq), None)
        if part is None:
            part = Instalment(award=award, seq=seq)
            db.session.add(part)
        part.fen, part.condition, part.months, part.due_at = fen, condition, months, None
    for part in [part for part in award.instalments if part.seq > len(parts)]:
        if db.session.scalar(select(Payment.id).where(Payment.instalment_id == part.id)):
            raise Conflict(f"{award.number} 的尾款已有支付记录，不能改为一次付清。", code="part_has_payment")
        db.session.delete(part)
