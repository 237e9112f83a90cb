"""An objection upheld after the first money was held, sent or paid: holds freed, the reserve up, shown by a correction."""

from datetime import timedelta

import pytest

from awards.enums import ObjectionState, ObjectorKind
from awards.models import Award, Certificate, Notice, Objection, Payment
from awards.operations import awards, batches, certificates, clawbacks, notices, objections, payments
from core.checks import run_all
from core.db import db
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.money import FEN_PER_WAN
from core.rules import SYSTEM
from fund import operations as ledger
from fund.queries import line_totals
from tests.factories import awards as make
from tests.factories.competition import office, staff

DAY = timedelta(days=1)
MONEY = (
    "payment-lawful",
    "payment-ledger",
    "payment-approvals",
    "award-parts",
    "awards-fit-line",
    "tier-places",
)
MONEY += (
    "ledger-balances",
    "ledger-one-resolution",
    "ledger-never-negative",
    "seals-hold",
    "published-words",
)


def clean() -> list:
    return [finding for name in MONEY for finding in run_all(name)]


def tiered(now, *, reserves=1):
    """First 10万元, two seconds 6万元, all confirmed; the places of a plan with two tiers."""
    plan, made = make.make_winners(now, count=3, reserves=reserves, tiers=((1, 10), (2, 6)))
    make.confirm(made, now)
    return made


def late(award, now, *, kind=ObjectorKind.UNIT):
    return objections.file_objection(
        award.notice,
        objector_kind=kind,
        objector="某公司",
        contact="0991-1",
        content="专利权属不实。",
        entry=award.entry,
        late_reason="巡视移交线索",
        actor=staff(Role.SUPERVISION, now),
        now=now,
    )


def uphold(objection, now):
    supervision = staff(Role.SUPERVISION, now)
    objections.take_objection(objection, handler=supervision, actor=supervision, now=now)
    return objections.decide_objection(
        objection, upheld=True, conclusion="权属不实，取消奖励。", actor=supervision, now=now
    )


def correct(made, newcomer, now):
    """Everybody who changed is shown by the correction, which runs out clean."""
    changed = [award for award in made if award.state == "proposed"]
    notice = notices.correct_notice(
        made[0].notice,
        title="更正公示",
        body="递补。",
        awards=[*changed, newcomer],
        actor=office(now),
        now=now,
    )
    notices.approve_notice(notice, actor=make.second_office(now), now=now)
    notices.close_notice(notice, actor=office(now), now=now + 20 * DAY)
    return notice


def test_holds_are_freed_and_the_places_move_up(ctx, now):
    made = tiered(now)
    held = [make.make_payment(award, now) for award in made]
    free = line_totals(made[0].line).available_fen
    newcomer = uphold(late(made[0], now), now)
    assert [payment.state for payment in held] == ["cancelled", "cancelled", "submitted"]
    assert line_totals(made[0].line).available_fen == free + 16 * FEN_PER_WAN
    assert [(award.state, award.amount_fen // FEN_PER_WAN) for award in made] == [
        ("cancelled", 10),
        ("proposed", 10),
        ("confirmed", 6),
    ]
    assert (newcomer.state, newcomer.amount_fen) == ("proposed", 6 * FEN_PER_WAN)
    assert clean() == []


def test_no_money_moves_before_the_correction_has_run(ctx, now):
    made = tiered(now)
    make.make_payment(made[0], now)
    newcomer = uphold(late(made[0], now), now)
    for award in (made[1], newcomer):
        with pytest.raises(Conflict, match="尚未审定"):
            make.make_payment(award, now, submit=False)
    notice = correct(made, newcomer, now)
    assert notice.corrects_id == made[0].notice_id
    assert {row["award"] for row in notice.content} == {made[1].number, newcomer.number}
    for award in (made[1], newcomer):
        assert make.make_payment(award, now + 21 * DAY).fen == award.amount_fen
    assert clean() == []


def test_moved_up_award_is_shown_only_by_the_correction_of_its_notice(ctx, now):
    made = tiered(now)
    newcomer = uphold(late(made[0], now), now)
    with pytest.raises(Conflict, match="更正公示"):
        make.make_notice([made[1], newcomer], now)
    assert make.make_notice([newcomer], now).state == "running"


def test_what_was_paid_is_topped_up_by_the_difference(ctx, now):
    made = tiered(now)
    pay(make.make_payment(made[1], now, approve=True), now)
    assert made[1].state == "settled"
    newcomer = uphold(late(made[0], now), now)
    assert [part.fen // FEN_PER_WAN for part in made[1].instalments] == [6, 4]
    assert made[1].state == "proposed" and clean() == []
    correct(made, newcomer, now)
    later = now + 21 * DAY
    by = {"actor": office(now), "now": later}
    part = made[1].instalments[1]
    difference = payments.prepare_payment(part, purpose="递补差额", document_no="演示2号", **by)
    payments.submit_payment(difference, **by)
    assert difference.fen == 4 * FEN_PER_WAN and clean() == []


def pay(payment, now):
    finance = {"actor": staff(Role.FINANCE, now), "now": now}
    batch = batches.make_batch([payment], **finance)
    batches.export_batch(batch, bank_format=make.make_format(now), **finance)
    payments.confirm_paid(payment, bank_reference="HD1", **finance)


def test_what_was_paid_to_the_loser_is_demanded_back(ctx, now):
    made = tiered(now)
    pay(make.make_payment(made[0], now, approve=True), now)
    uphold(late(made[0], now), now)
    assert made[0].state == "cancelled"
    clawback = clawbacks.demand_refund(
        made[0],
        fen=10 * FEN_PER_WAN,
        due_on=now.date() + DAY,
        document_no="演示追回1号",
        reason="异议成立",
        actor=office(now),
        now=now,
    )
    assert clawback.state == "demanded" and clean() == [] and run_all("refunds-fit") == []


def test_what_the_bank_has_is_answered_before_the_decision(ctx, now):
    made = tiered(now)
    payment = make.make_payment(made[1], now, approve=True)
    finance = {"actor": staff(Role.FINANCE, now), "now": now}
    batch = batches.make_batch([payment], **finance)
    batches.export_batch(batch, bank_format=make.make_format(now), **finance)
    with pytest.raises(Conflict, match="已送银行"):
        uphold(late(made[0], now), now)


def test_open_late_objection_holds_the_approvals_and_the_database(ctx, now):
    made = tiered(now)
    payment = make.make_payment(made[0], now)
    draft = make.make_payment(made[1], now, submit=False)
    late(made[0], now)
    db.session.expire(made[0].notice, ["objections"])
    with pytest.raises(NotAllowed, match="异议"):
        payments.review_payment(payment, actor=make.second_office(now), now=now)
    objection = late(made[1], now)
    with pytest.raises(Conflict, match="数据库拒绝"):
        ledger.hold(
            draft.line,
            fen=draft.fen,
            payment_no=draft.number,
            attempt=1,
            idem="x",
            actor=office(now),
            now=now,
        )
    assert objection.late_reason == "巡视移交线索"


def test_public_is_late_and_supervision_gives_its_reason(ctx, now):
    made = tiered(now)
    given = {"objector_kind": ObjectorKind.UNIT, "objector": "甲", "contact": "1", "content": "x", "now": now}
    for actor in (SYSTEM, office(now)):
        with pytest.raises(Conflict, match="逾期"):
            objections.file_objection(made[0].notice, late_reason="想起来了", actor=actor, **given)
    with pytest.raises(InvalidInput, match="理由"):
        objections.file_objection(made[0].notice, actor=staff(Role.SUPERVISION, now), **given)


def test_certificates_of_changed_awards_are_revoked_and_issued_anew(ctx, now):
    made = tiered(now)
    certificates.issue_certificates(made[0].edition, actor=office(now), now=now)
    newcomer = uphold(late(made[0], now), now)
    correct(made, newcomer, now)
    again = certificates.issue_certificates(made[0].edition, actor=office(now), now=now + 21 * DAY)
    assert {row.award_id for row in again} == {made[1].id, newcomer.id}
    revoked = db.session.scalars(db.select(Certificate).where(Certificate.revoked_at.is_not(None))).all()
    assert {row.award_id for row in revoked} == {made[0].id, made[1].id}


def test_the_whole_path_on_the_pages(prepared, as_user, app, frozen):
    def held(now):
        for role in (Role.SUPERVISION, Role.FINANCE):
            staff(role, now)
        made = tiered(now)
        return [make.make_payment(award, now).number for award in made], made[0].notice_id, made[0].entry_id

    numbers, notice_id, entry_id = prepared(held)
    supervision, office_ = as_user("supervision-staff"), as_user("office-staff")
    assert "登记逾期异议" in supervision.text(f"/awards/notices/{notice_id}")
    url = f"/awards/notices/{notice_id}/objections/new"
    assert office_.get(url).status_code == 403
    given = {
        "about": str(entry_id),
        "kind": "unit",
        "objector": "某公司",
        "contact": "0991",
        "content": "不实",
    }
    assert supervision.post(url, given).status_code == 422
    answer = supervision.post(url, {**given, "late_reason": "移交线索"})
    assert answer.status_code == 303
    ticket = answer.location
    blocked = as_user("office-second").post(f"/money/payments/{numbers[0]}/review")
    assert blocked.status_code == 403 and "异议" in blocked.get_data(as_text=True)
    assert supervision.post(ticket + "/take").status_code == 303
    assert supervision.post(ticket + "/uphold", {"conclusion": "成立"}).status_code == 303
    assert "占用的资金已释放" in supervision.text(ticket) and "某公司：" in supervision.text(
        ticket + "/reply"
    )
    page = office_.text(f"/awards/notices/{notice_id}/correct")
    with app.app_context():
        changed = db.session.scalars(db.select(Award).where(Award.state == "proposed")).all()
        assert len(changed) == 2 and all(award.number in page for award in changed)
        ids = [str(award.id) for award in changed]
        states = db.session.scalars(db.select(Payment.state).order_by(Payment.number)).all()
        assert states == ["cancelled", "cancelled", "submitted"]
    made = office_.post(
        f"/awards/notices/{notice_id}/correct", {"title": "更正公示", "body": "递补", "ids": ids, "days": "5"}
    )
    assert made.status_code == 303
    assert as_user("office-second").post(made.location + "/approve").status_code == 303
    with app.app_context():
        assert db.session.scalar(db.select(Objection.state)) == ObjectionState.UPHELD
        assert db.session.get(Notice, notice_id).state == "closed"
        assert run_all() == []


def test_cancelling_by_the_office_still_needs_the_payment_gone(ctx, now):
    made = tiered(now)
    make.make_payment(made[0], now)
    with pytest.raises(Conflict, match="须先撤销支付"):
        awards.cancel_award(made[0], reason="放弃", actor=office(now), now=now)
