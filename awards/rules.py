"""Who may do what with awards, notices, objections and money, as predicates with their reason."""

from collections.abc import Callable
from datetime import datetime

from awards import chains
from awards.enums import (
    AwardKind,
    AwardState,
    InstalmentCondition,
    NoticeState,
    ObjectionState,
    ObjectorKind,
    PaymentState,
    TaskBookState,
)
from awards.models import (
    Acceptance,
    Award,
    Delegation,
    Exclusion,
    Instalment,
    Notice,
    Objection,
    Payee,
    PayeeAccount,
    Payment,
    PaymentChain,
)
from awards.wording import EXCLUSION_REASONS, STEP_ROLES
from core.clock import beijing_day
from core.enums import Role
from core.models import User
from core.rules import SYSTEM, YES, Actor, Verdict, all_of, is_system, no, verdict
from judging.models import Judge


def may_run_awards(actor: Actor, _subject=None) -> Verdict:
    return verdict(actor is SYSTEM or actor.role == Role.OFFICE, "只有组委会办公室可以办理。")


def may_settle_award(actor: Actor, _award: Award) -> Verdict:
    return verdict(actor is SYSTEM or actor.role == Role.FINANCE, "全部款项支付后由财务结清。")


def may_reopen_award(actor: Actor, _award: Award) -> Verdict:
    return is_system(actor)


def may_cancel_award(actor: Actor, _award: Award) -> Verdict:
    """The office, or the handler of an upheld objection."""
    return verdict(
        actor.role in (Role.OFFICE, Role.SUPERVISION), "只有组委会办公室或异议受理人可以取消奖励。"
    )


def may_approve_notice(actor: Actor, notice: Notice) -> Verdict:
    return all_of(
        verdict(actor.role in (Role.OFFICE, Role.LEADER), "只有组委会办公室或分管领导可以批准公示。"),
        verdict(actor.id != notice.prepared_by_id, "公示须由拟稿人以外的人批准。"),
    )


def may_close_notice(actor: Actor, _notice: Notice) -> Verdict:
    return verdict(actor is SYSTEM or actor.role == Role.OFFICE, "只有组委会办公室可以结束公示。")


def may_take_objection(actor: Actor, objection: Objection) -> Verdict:
    prepared = objection.notice.prepared_by_id
    return all_of(
        verdict(actor.role in (Role.OFFICE, Role.SUPERVISION), "只有组委会办公室或监督可以受理异议。"),
        verdict(actor.id != prepared, "公示的拟稿人须回避该公示的异议处理。"),
    )


def may_register_late(actor: Actor, _notice=None) -> Verdict:
    """What comes after the period is not taken from the public; supervision may take it up of its own accord."""
    return verdict(actor.role == Role.SUPERVISION, "不在公示期内，逾期不予受理；监督可依职权登记。")


def may_decide_objection(actor: Actor, objection: Objection) -> Verdict:
    return verdict(actor.id == objection.handler_id, "只有受理人可以作出结论。")


def may_keep_payees(actor: Actor, _subject=None) -> Verdict:
    return verdict(
        actor is SYSTEM or actor.role in (Role.FINANCE, Role.OFFICE),
        "只有财务或组委会办公室可以维护收款信息。",
    )


def may_verify_account(actor: Actor, account: PayeeAccount) -> Verdict:
    return all_of(
        verdict(actor.role in (Role.FINANCE, Role.OFFICE), "只有财务或组委会办公室可以核验账户。"),
        verdict(actor.id != account.entered_by_id, "账户须由录入人以外的人核验。"),
    )


def may_keep_supports(actor: Actor, _subject=None) -> Verdict:
    return verdict(actor.role in (Role.OFFICE, Role.FINANCE), "只有组委会办公室或财务可以登记其他财政支持。")


def may_keep_exclusions(actor: Actor, _subject=None) -> Verdict:
    return verdict(actor.role in (Role.FINANCE, Role.SUPERVISION), "只有财务或监督可以维护不予支付名单。")


def may_accept_project(actor: Actor, _acceptance=None) -> Verdict:
    return verdict(actor is SYSTEM or actor.role == Role.OFFICE, "只有组委会办公室可以登记验收。")


def may_apply_acceptance(actor: Actor, _award=None) -> Verdict:
    """The holder itself or the office for it; whose award it is, visibility has decided."""
    return verdict(
        actor is SYSTEM or actor.role in (Role.OFFICE, Role.ENTERPRISE), "由承担单位或组委会办公室申请验收。"
    )


def may_review_project(actor: Actor, acceptance: Acceptance) -> Verdict:
    """The office after the panel's meeting; passing after a rectification needs that it was handed in again."""
    again = acceptance.state != "rectifying" or acceptance.resubmitted_at is not None
    return all_of(
        may_accept_project(actor), verdict(again, "整改后须重新提交实际完成值和材料，才能通过验收。")
    )


def may_receive_refunds(actor: Actor, _clawback=None) -> Verdict:
    return verdict(actor is SYSTEM or actor.role == Role.FINANCE, "退回的资金由财务登记。")


def may_judge_project(judge: Judge, acceptance: Acceptance, conflicts: set[tuple[int, int]]) -> Verdict:
    """An expert of the library in service, not of the holder's own unit, without a noted conflict."""
    award = acceptance.award
    own = judge.employer == award.payee.name or (judge.employer_code or "-") == award.payee.credit_code
    return all_of(
        verdict(judge.active, f"{judge.name}已停用，不能参加验收。"),
        verdict(not own, f"{judge.name}与承担单位同属一个单位，须回避。"),
        verdict((judge.id, award.entry_id) not in conflicts, f"{judge.name}对该项目有利益关系，须回避。"),
    )


def chain_of(payment: Payment) -> PaymentChain | None:
    """The chain frozen on the attempt under way; payments of before the rules by amount have none."""
    return next((chain for chain in payment.chains if chain.attempt == payment.attempt), None)


def steps_of(payment: Payment) -> list[str]:
    """The steps this attempt passes after its preparer."""
    chain = chain_of(payment)
    return list(chains.DEFAULT) if chain is None else chain.steps


def awaited(payment: Payment) -> str | None:
    """The step whose turn it is; None before the submission and when all have signed."""
    live = [step for step in payment.steps if not step.voided]
    return chains.next_step(steps_of(payment), {step.role for step in live}) if live else None


def acted_on(payment: Payment) -> set[int]:
    """Whoever signed, prepared, or let another sign for him."""
    live = [step for step in payment.steps if not step.voided]
    principals = {step.delegated.delegation.principal_id for step in live if step.delegated}
    return {step.actor_id for step in live} | principals | {payment.preparer_id}


def delegations_to(actor: Actor, fits: Callable[[User], bool]) -> list[Delegation]:
    """What this person was given by those whom the step belongs to; the day is asked when it is used."""
    received = getattr(actor, "delegations_received", ())
    return [found for found in received if found.ended_at is None and fits(found.principal)]


def _signer(actor: Actor, payment: Payment, step: str, sentence: str) -> Verdict:
    """Each step in its turn; nobody acts twice on one payment, nor through a delegate, and its preparer never."""
    acted, turn = acted_on(payment), awaited(payment)
    fits = step_owner(payment, step)
    given = [found for found in delegations_to(actor, fits) if found.principal_id not in acted]
    return all_of(
        verdict(fits(actor) or bool(given), sentence),
        verdict(actor.id not in acted, "同一人不能在同一笔支付中办理两个环节。"),
        verdict(turn in (step, None), f"该笔支付下一环节是{STEP_ROLES.get(turn)}。"),
    )


def step_owner(payment: Payment, step: str) -> Callable[[User], bool]:
    """Whom a step belongs to: a role, or the head of division whom the payment's chain names."""
    if step == "division":
        chain = chain_of(payment)
        return lambda person: chain is not None and person.id == chain.division_id
    role = {"reviewer": Role.OFFICE, "finance": Role.FINANCE, "leader": Role.LEADER}[step]
    return lambda person: person.role == role


def may_prepare_payment(actor: Actor, payment: Payment | None = None) -> Verdict:
    own = payment is None or payment.preparer_id in (None, actor.id)
    return all_of(
        verdict(actor.role == Role.OFFICE, "支付申请由组委会办公室经办。"),
        verdict(own, "只有经办人可以办理此步骤。"),
    )


def may_review_payment(actor: Actor, payment: Payment) -> Verdict:
    return _signer(actor, payment, "reviewer", "复核由组委会办公室的另一人办理。")


def may_approve_division(actor: Actor, payment: Payment) -> Verdict:
    return _signer(actor, payment, "division", "此环节由该笔支付的处室负责人审批。")


def may_approve_finance(actor: Actor, payment: Payment) -> Verdict:
    return _signer(actor, payment, "finance", "此环节由财务审核。")


def may_approve_leader(actor: Actor, payment: Payment) -> Verdict:
    return _signer(actor, payment, "leader", "此环节由分管领导审批。")


def may_complete_payment(actor: Actor, _payment: Payment) -> Verdict:
    return is_system(actor)


def minutes_are_there(payment: Payment) -> Verdict:
    chain = chain_of(payment)
    there = chain is None or not chain.minutes or chain.minutes_file_id is not None
    return verdict(there, "该笔金额须附会议纪要，请先上传。")


def may_keep_approvals(actor: Actor, _rule=None) -> Verdict:
    return verdict(actor.role == Role.FINANCE, "审批规则由财务维护。")


def may_delegate(actor: Actor, _delegation=None) -> Verdict:
    return verdict(actor.role in (Role.OFFICE, Role.FINANCE, Role.LEADER), "只有审批环节的人员可以委托他人。")


def may_attach_minutes(actor: Actor, payment: Payment) -> Verdict:
    chain = chain_of(payment)
    waiting = payment.state in (
        PaymentState.SUBMITTED,
        PaymentState.REVIEWED,
        PaymentState.DIVISION_OK,
        PaymentState.FINANCE_OK,
    )
    return all_of(
        verdict(actor.role in (Role.OFFICE, Role.FINANCE), "会议纪要由办公室或财务上传。"),
        verdict(chain is not None and chain.minutes and waiting, "该笔支付此时不需要会议纪要。"),
    )


def may_reject_payment(actor: Actor, payment: Payment) -> Verdict:
    return all_of(
        verdict(actor.role in (Role.OFFICE, Role.FINANCE, Role.LEADER), "只有审批环节的人员可以退回。"),
        verdict(actor.id != payment.preparer_id, "经办人请撤销支付，而不是退回。"),
    )


def may_operate_bank(actor: Actor, _payment=None) -> Verdict:
    return verdict(actor.role == Role.FINANCE, "银行支付与回单由财务办理。")


def may_dissolve_batch(actor: Actor, _batch=None) -> Verdict:
    """A batch falls apart by itself when one of its payments is taken back before the export."""
    return verdict(actor is SYSTEM or actor.role == Role.FINANCE, "只有财务可以作废批次。")


def may_cancel_payment(actor: Actor, payment: Payment) -> Verdict:
    return verdict(
        actor.id == payment.preparer_id or actor.role == Role.FINANCE or actor is SYSTEM,
        "只有经办人或财务可以撤销支付。",
    )


# What is not won: nothing of it is shown to the public first.
UNNOTICED = (AwardKind.EVENT_COST, AwardKind.WORK_FUND, AwardKind.TREASURY)


def money_may_move(instalment: Instalment, at: datetime) -> Verdict:
    """No money before its notice closed clean and what its part waits for has happened."""
    award = instalment.award
    return all_of(
        _award_stands(award),
        _notice_is_over(award),
        _no_open_objection(award),
        _condition_met(instalment, at),
    )


def _condition_met(instalment: Instalment, at: datetime) -> Verdict:
    return all_of(
        _contract_signed(instalment),
        _acceptance_passed(instalment),
        _months_passed(instalment, at),
        _check_passed(instalment),
    )


def was_lawful(payment: Payment) -> Verdict:
    """What was paid rested on a notice that had closed by then, if not on the award's newest, then on one before it."""
    notice, award = payment.instalment.award.notice, payment.instalment.award
    condition = _condition_met(payment.instalment, payment.paid_at)
    if award.item_carried or award.kind in UNNOTICED:
        return condition
    while notice is not None and not (notice.closed_at and notice.closed_at <= payment.paid_at):
        notice = notice.corrects
    return all_of(verdict(notice is not None, "支付时公示未结束。"), condition)


def _award_stands(award: Award) -> Verdict:
    return verdict(
        award.state in (AwardState.CONFIRMED, AwardState.SETTLED),
        "奖励未审定或已取消、终止，不能占用或支付资金。",
    )


def _notice_is_over(award: Award) -> Verdict:
    if award.item_carried or award.kind in UNNOTICED:
        return YES
    over = award.notice is not None and award.notice.state in (NoticeState.CLOSED, NoticeState.FINAL)
    return verdict(over, "公示期未满或公示未结束，不能占用或支付资金。")


def _no_open_objection(award: Award) -> Verdict:
    """Real-name objections block; a clue without a name does not."""
    open_states = (ObjectionState.RECEIVED, ObjectionState.INVESTIGATING)
    for objection in award.notice.objections if award.notice else ():
        concerns = objection.entry_id is None or objection.entry_id == award.entry_id
        if objection.state in open_states and objection.objector_kind != ObjectorKind.ANONYMOUS and concerns:
            return no(f"异议 {objection.ticket} 尚未办结，不能占用或支付相关资金。")
    return YES


def _contract_signed(instalment: Instalment) -> Verdict:
    if instalment.condition != InstalmentCondition.CONTRACT_SIGNED:
        return YES
    signed = any(book.state == TaskBookState.SIGNED for book in instalment.award.task_books)
    return verdict(signed, "任务书双方签署并收到扫描件后才能支付。")


def _acceptance_passed(instalment: Instalment) -> Verdict:
    if instalment.condition != InstalmentCondition.ACCEPTANCE_PASSED:
        return YES
    acceptance = instalment.award.acceptance
    passed = acceptance is not None and acceptance.state == "passed"
    return verdict(passed, "尾款须在验收通过后支付。")


def _months_passed(instalment: Instalment, at: datetime) -> Verdict:
    if not instalment.months:
        return YES
    due = instalment.due_at
    day = "" if due is None else f"（{beijing_day(due)} 起）"
    return verdict(due is not None and due <= at, f"该期须在审定满 {instalment.months} 个月后支付{day}。")


def _check_passed(instalment: Instalment) -> Verdict:
    if instalment.condition != InstalmentCondition.CHECK_PASSED:
        return YES
    checks = instalment.award.operating_checks
    return verdict(bool(checks) and checks[-1].passed, "该期须在落地经营核查通过后支付。")


def payee_is_clear(payee: Payee, at: datetime) -> Verdict:
    """Not on the list of those who may not be paid, at the moment of paying."""
    for exclusion in payee.exclusions:
        if exclusion.in_force(at):
            return no(f"收款单位{words_of(exclusion)}，不能支付。")
    return YES


def words_of(exclusion: Exclusion) -> str:
    """The entry by which a payment is refused, as every refusal names it."""
    until = f"至 {exclusion.last_day}" if exclusion.last_day else ""
    reason = EXCLUSION_REASONS[exclusion.reason]
    return (
        f"“{exclusion.name}”在不予支付名单上（{reason}，{exclusion.source}，自 {exclusion.first_day}{until}）"
    )
