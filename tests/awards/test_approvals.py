"""Approval by amount: the chain frozen at submission, the head of division, the minutes, and signing for another."""

import io
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from awards import chains
from awards.enums import PaymentState
from awards.models import ApprovalRule, DelegatedStep, Delegation, Payment, PaymentChain, PaymentStep
from awards.operations import approvals, payments
from awards.rules import awaited
from awards.wiring import CONSTRAINTS
from core.checks import run_all
from core.db import commit, db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.files import store_bytes
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.competition import staff

PDF = b"%PDF-1.4\n%%EOF\n"


def rule(now, *, steps=chains.DEFAULT, division=None, minutes=False, from_fen=0):
    return approvals.set_rule(
        from_fen=from_fen,
        steps=steps,
        division=division,
        minutes=minutes,
        actor=staff(Role.FINANCE, now),
        now=now,
    )


def head(now):
    return staff(Role.OFFICE, now, username="office-head")


@pytest.fixture
def award(ctx, now):
    _, made = make.make_winners(now, count=2)
    make.confirm(made, now)
    return made[0]


def reviewed(award, now):
    payment = make.make_payment(award, now)
    return payments.review_payment(payment, actor=make.second_office(now), now=now)


@pytest.mark.parametrize(("fen", "expected"), [(99, None), (100, 100), (499, 100), (500, 500), (10**12, 500)])
def test_rule_with_the_greatest_amount_reached_applies(ctx, now, fen, expected):
    for start in (100, 500):
        rule(now, from_fen=start)
    approvals.end_rule(rule(now, from_fen=300), actor=staff(Role.FINANCE, now), now=now)
    found = approvals.rule_for(fen)
    assert (found.from_fen if found else None) == expected


def test_same_amount_again_ends_the_older_rule(ctx, now):
    old, new = rule(now), rule(now, minutes=True)
    assert (old.ended_at, new.ended_at) == (now, None)
    with pytest.raises(Conflict):
        approvals.end_rule(old, actor=staff(Role.FINANCE, now), now=now)


def test_head_of_division_signs_between_review_and_finance(award, now):
    rule(now, division=head(now))
    payment = reviewed(award, now)
    with pytest.raises(NotAllowed, match="处室"):
        payments.approve_finance(payment, actor=staff(Role.FINANCE, now), now=now)
    with pytest.raises(NotAllowed):
        payments.approve_division(payment, actor=staff(Role.LEADER, now), now=now)
    payments.approve_division(payment, actor=head(now), now=now)
    payments.approve_finance(payment, actor=staff(Role.FINANCE, now), now=now)
    payments.approve_leader(payment, actor=staff(Role.LEADER, now), now=now)
    assert [step.role for step in payment.steps] == ["preparer", "reviewer", "division", "finance", "leader"]
    commit()
    assert run_all() == []


def test_head_of_division_does_not_sign_twice(award, now):
    rule(now, division=make.second_office(now))
    payment = reviewed(award, now)
    with pytest.raises(NotAllowed, match="两个环节"):
        payments.approve_division(payment, actor=make.second_office(now), now=now)


def test_without_a_division_its_step_is_nobodys(award, now):
    rule(now)
    payment = reviewed(award, now)
    with pytest.raises(NotAllowed):
        payments.approve_division(payment, actor=head(now), now=now)


@pytest.mark.parametrize(
    ("steps", "acts"),
    [
        (("finance", "leader"), ("finance", "leader")),
        (("reviewer", "finance"), ("reviewer", "finance")),
        (("reviewer", "leader"), ("reviewer", "leader")),
    ],
)
def test_chain_by_amount_leaves_out_steps_and_ends_approved(award, now, steps, acts):
    rule(now, steps=steps)
    payment = make.make_payment(award, now)
    signers = {
        "reviewer": (payments.review_payment, make.second_office(now)),
        "finance": (payments.approve_finance, staff(Role.FINANCE, now)),
        "leader": (payments.approve_leader, staff(Role.LEADER, now)),
    }
    for step in acts:
        assert (awaited(payment), payment.state) != (step, PaymentState.APPROVED)
        for other in set(signers) - {step}:
            with pytest.raises(NotAllowed):
                signers[other][0](payment, actor=signers[other][1], now=now)
        signers[step][0](payment, actor=signers[step][1], now=now)
    assert (payment.state, awaited(payment)) == (PaymentState.APPROVED, None)
    assert [step.role for step in payment.steps] == ["preparer", *acts]
    batch = make.batches.make_batch([payment], actor=staff(Role.FINANCE, now), now=now)
    make.batches.export_batch(
        batch, bank_format=make.make_format(now), actor=staff(Role.FINANCE, now), now=now
    )
    commit()
    assert run_all() == []


def test_preparer_is_no_head_of_division_of_his_own_payment(award, now):
    rule(now, division=make.office(now))
    with pytest.raises(Conflict, match="另一人经办"):
        make.make_payment(award, now)


# The database itself, whatever the application believes.


def sign(payment, role, actor, now):
    step = PaymentStep(
        payment_id=payment.id,
        seq=len(payment.steps) + 1,
        role=role,
        actor_id=actor.id,
        decision="approve",
        content_hash="0" * 64,
        at=now,
    )
    db.session.add(step)
    flush()
    return step


def refused(name: str):
    return pytest.raises(Conflict, match=CONSTRAINTS[name])


def test_database_refuses_a_second_signature_and_the_preparers(award, now):
    payment = reviewed(award, now)
    for role, actor in (("finance", make.second_office(now)), ("leader", make.office(now))):
        with refused("signed_twice"), db.session.begin_nested():
            sign(payment, role, actor, now)
    with refused("signed_twice"), db.session.begin_nested():
        sign(payment, "reviewer", head(now), now)


def test_database_refuses_a_delegate_of_the_preparer_or_of_who_signed(award, now):
    payment = reviewed(award, now)
    for principal in (make.office(now), make.second_office(now)):
        delegation = given(now, principal, staff(Role.FINANCE, now))
        with refused("delegate_twice"), db.session.begin_nested():
            step = sign(payment, "finance", staff(Role.FINANCE, now), now)
            db.session.add(DelegatedStep(step=step, delegation=delegation))
            flush()


def test_database_refuses_signatures_for_two_by_one_principal(award, now):
    payment, leader = reviewed(award, now), staff(Role.LEADER, now)
    delegation = given(now, leader, head(now))
    db.session.expire(head(now))
    payments.approve_finance(payment, actor=staff(Role.FINANCE, now), now=now)
    payments.approve_leader(payment, actor=head(now), now=now)
    assert delegation.principal_id == leader.id
    with refused("signed_twice"), db.session.begin_nested():
        sign(payment, "division", leader, now)


@pytest.mark.parametrize(
    ("model", "values", "name"),
    [
        (PaymentStep, {"actor_id": 1}, "altered_signature"),
        (PaymentStep, {"content_hash": "1" * 64}, "altered_signature"),
        (ApprovalRule, {"minutes": True}, "altered_rule"),
        (ApprovalRule, {"steps": ["leader"]}, "altered_rule"),
        (PaymentChain, {"steps": ["leader"]}, "altered_chain"),
        (PaymentChain, {"approvals": 1}, "altered_chain"),
        (Payment, {"state": "exported"}, "unsigned_payment"),
    ],
)
def test_database_refuses_altered_rules_chains_and_signatures(award, now, model, values, name):
    rule(now, steps=("reviewer", "finance"))
    reviewed(award, now)
    with pytest.raises(IntegrityError, match=name), db.session.begin_nested():
        db.session.execute(db.update(model).values(**values))


def test_voided_signature_does_not_come_back(award, now):
    payment = reviewed(award, now)
    payments.reject_payment(payment, reason="重办", actor=staff(Role.LEADER, now), now=now)
    with pytest.raises(IntegrityError, match="altered_signature"), db.session.begin_nested():
        db.session.execute(db.update(PaymentStep).values(voided=False))


def test_chain_is_frozen_at_submission_and_renewed_by_the_next(award, now):
    payment = make.make_payment(award, now)
    rule(now, division=head(now), minutes=True)
    payments.review_payment(payment, actor=make.second_office(now), now=now)
    payments.approve_finance(payment, actor=staff(Role.FINANCE, now), now=now)
    payments.reject_payment(payment, reason="重办", actor=staff(Role.LEADER, now), now=now)
    payments.submit_payment(payment, actor=make.office(now), now=now)
    assert [(chain.attempt, chain.minutes) for chain in payment.chains] == [(2, True)]


def test_minutes_are_needed_before_the_last_approval(award, now):
    rule(now, minutes=True)
    payment = reviewed(award, now)
    payments.approve_finance(payment, actor=staff(Role.FINANCE, now), now=now)
    leader, clerk = staff(Role.LEADER, now), make.office(now)
    with pytest.raises(NotAllowed, match="会议纪要"):
        payments.approve_leader(payment, actor=leader, now=now)
    file = store_bytes(PDF, "纪要.pdf", "application/pdf", actor=clerk, now=now)
    with pytest.raises(InvalidInput):
        approvals.attach_minutes(payment, file=file, number=" ", actor=clerk, now=now)
    approvals.attach_minutes(payment, file=file, number="演示纪要1号", actor=clerk, now=now)
    payments.approve_leader(payment, actor=leader, now=now)
    with pytest.raises(NotAllowed):
        approvals.attach_minutes(payment, file=file, number="演示纪要2号", actor=clerk, now=now)
    commit()
    assert run_all() == []
    payment.chains[0].minutes_file_id = None
    db.session.flush()
    assert "payment-chains" in {found.invariant for found in run_all()}


def given(now, principal, to, *, first=0, last=5) -> Delegation:
    day = now.date()
    return approvals.delegate(
        to=to,
        first_day=day + timedelta(days=first),
        last_day=day + timedelta(days=last),
        reason="出差",
        actor=principal,
        now=now,
    )


def before_the_leader(award, now) -> Payment:
    payment = reviewed(award, now)
    return payments.approve_finance(payment, actor=staff(Role.FINANCE, now), now=now)


def test_delegate_signs_for_the_leader_and_it_is_shown(award, now):
    payment = before_the_leader(award, now)
    with pytest.raises(NotAllowed):
        payments.approve_leader(payment, actor=head(now), now=now)
    made = given(now, staff(Role.LEADER, now), head(now))
    db.session.expire(head(now))
    payments.approve_leader(payment, actor=head(now), now=now)
    assert payment.steps[-1].delegated.delegation is made
    commit()
    assert run_all() == []
    made.last_day = now.date() - timedelta(days=1)
    made.first_day = made.last_day
    db.session.flush()
    assert "payment-chains" in {found.invariant for found in run_all()}


@pytest.mark.parametrize(("first", "when"), [(2, 0), (0, 9)])
def test_delegation_outside_its_days_gives_no_right(award, now, first, when):
    payment = before_the_leader(award, now)
    given(now, staff(Role.LEADER, now), head(now), first=first)
    db.session.expire(head(now))
    with pytest.raises(NotAllowed, match="委托尚未开始或已经到期"):
        payments.approve_leader(payment, actor=head(now), now=now + timedelta(days=when))


def test_delegation_taken_back_gives_no_right(award, now):
    payment, leader = before_the_leader(award, now), staff(Role.LEADER, now)
    made = given(now, leader, head(now))
    with pytest.raises(NotAllowed):
        approvals.end_delegation(made, actor=head(now), now=now)
    approvals.end_delegation(made, actor=leader, now=now)
    db.session.expire(head(now))
    with pytest.raises(NotAllowed):
        payments.approve_leader(payment, actor=head(now), now=now)


def test_nobody_acts_twice_through_a_delegate(award, now):
    """The reviewer may not sign for the leader, nor anybody for a leader who signed as somebody's delegate."""
    payment, leader = before_the_leader(award, now), staff(Role.LEADER, now)
    given(now, leader, make.second_office(now))
    db.session.expire(make.second_office(now))
    with pytest.raises(NotAllowed, match="两个环节"):
        payments.approve_leader(payment, actor=make.second_office(now), now=now)


def test_principal_of_a_delegate_does_not_sign_again(award, now):
    payment = make.make_payment(award, now)
    second, other = make.second_office(now), staff(Role.FINANCE, now, username="finance-2")
    given(now, second, other)
    db.session.expire(other)
    payments.review_payment(payment, actor=other, now=now)
    rule(now, division=second)
    with pytest.raises(NotAllowed, match="两个环节"):
        payments.approve_finance(payment, actor=other, now=now)
    assert payment.state == PaymentState.REVIEWED


@pytest.mark.parametrize(("first", "last"), [(3, 2), (-5, -1)])
def test_bad_days_are_refused(ctx, now, first, last):
    with pytest.raises(InvalidInput):
        given(now, staff(Role.LEADER, now), head(now), first=first, last=last)


# Through the pages.


def test_rules_and_delegations_on_their_page(prepared, as_user, app):
    prepared(cast)
    clerk, leader, page = as_user("finance-staff"), as_user("leader-staff"), "/money/approvals"
    with app.app_context():
        second = db.session.scalar(db.select(make.User.id).where(make.User.username == "office-second"))
    form = {"from_amount": "20", "division": second, "finance": "y", "leader": "y", "minutes": "y"}
    inside = {"from_amount": "20", "division": second, "reviewer": "y"}
    refused = clerk.post(f"{page}/rules", inside)
    assert refused.status_code == 422 and "须有财务或分管领导" in refused.text
    assert leader.post(f"{page}/rules", form).status_code == 403
    wrong = clerk.post(f"{page}/rules", form | {"from_amount": "很多"})
    assert wrong.status_code == 422 and 'value="很多"' in wrong.text
    assert clerk.post(f"{page}/rules", form).status_code == 303
    assert "财务审核 → 领导批准，附会议纪要" in leader.text(page)
    assert "复核 →" not in leader.text(page)
    days = {"to": second, "first_day": "2026-05-10", "last_day": "2026-05-12", "reason": "出差"}
    assert leader.post(f"{page}/delegations", days | {"last_day": "2026-05-01"}).status_code == 422
    assert leader.post(f"{page}/delegations", days).status_code == 303
    assert "收回" in leader.text(page)
    with app.app_context():
        made, kept = (
            db.session.scalar(db.select(Delegation.id)),
            db.session.scalar(db.select(ApprovalRule.id)),
        )
    assert clerk.post(f"{page}/delegations/{made}/end").status_code == 403
    assert leader.post(f"{page}/delegations/{made}/end").status_code == 303
    assert clerk.post(f"{page}/rules/{kept}/end").status_code == 303
    assert clerk.post(f"{page}/rules/{kept}/end").status_code == 409


def test_minutes_are_uploaded_on_the_payments_page(prepared, as_user):
    def waiting(now):
        cast(now)
        rule(now, minutes=True)
        _, made = make.make_winners(now, count=1)
        make.confirm(made, now)
        return make.make_payment(made[0], now).number

    page = f"/money/payments/{prepared(waiting)}"
    office = as_user("office-staff")
    assert "须附会议纪要" in office.text(page)
    assert office.post(f"{page}/minutes", {"minutes_no": "1号"}).status_code == 422
    data = {"minutes_no": "演示纪要1号", "minutes_file": (io.BytesIO(PDF), "纪要.pdf")}
    assert office.post(f"{page}/minutes", data).status_code == 303
    assert "演示纪要1号" in office.text(page)
    assert office.get(f"{page}/minutes/file").headers["Content-Disposition"].startswith("attachment")
    assert as_user("leader-staff").post(f"{page}/minutes", {"minutes_no": "2号"}).status_code == 403
