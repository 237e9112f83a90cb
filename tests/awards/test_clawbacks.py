"""Projects ended: nothing more is paid, what was paid is demanded, refunds return to the line and to the fen."""

from datetime import timedelta

import pytest

from awards.models import Clawback, Payment
from awards.operations import batches, clawbacks, payments
from core.checks import run_all
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.money import FEN_PER_WAN
from fund.queries import line_totals
from tests.factories import awards as make
from tests.factories.competition import office, staff

DAY = timedelta(days=1)
MONEY = (
    "refunds-fit",
    "payment-ledger",
    "payment-lawful",
    "ledger-balances",
    "ledger-one-resolution",
    "awards-fit-line",
)


def pay(payment, now):
    finance = staff(Role.FINANCE, now)
    batch = batches.make_batch([payment], actor=finance, now=now)
    batches.export_batch(batch, bank_format=make.make_format(now), actor=finance, now=now)
    payments.confirm_paid(payment, bank_reference="HD1", actor=finance, now=now)


def paid_award(now, *, first_bp=10_000):
    _, made = make.make_winners(now, count=1, first_bp=first_bp)
    make.confirm(made, now)
    pay(make.make_payment(made[0], now, approve=True), now)
    return made[0]


@pytest.fixture
def award(ctx, now):
    return paid_award(now)


def terminate(award, now):
    return clawbacks.terminate_award(award, reason="项目未通过验收", actor=office(now), now=now)


def demand(award, now, *, wan=10, days=30):
    return clawbacks.demand_refund(
        award,
        fen=wan * FEN_PER_WAN,
        due_on=now.date() + days * DAY,
        document_no="演示追回〔2026〕1号",
        reason="项目终止",
        actor=office(now),
        now=now,
    )


def receive(clawback, now, *, wan, role=Role.FINANCE):
    return clawbacks.record_refund(
        clawback,
        fen=wan * FEN_PER_WAN,
        received_on=now.date(),
        bank_reference="HD-T1",
        document_no="演示入账1号",
        actor=staff(role, now),
        now=now,
    )


def test_refunds_in_parts_return_to_the_line(award, now):
    before = line_totals(award.line)
    clawback = demand(terminate(award, now), now)
    receive(clawback, now, wan=4)
    assert clawback.state == "demanded" and clawback.received_fen == 4 * FEN_PER_WAN
    receive(clawback, now, wan=6)
    after = line_totals(award.line)
    assert clawback.state == "settled"
    assert before.paid_fen - after.paid_fen == after.available_fen - before.available_fen == 10 * FEN_PER_WAN
    assert [finding for name in MONEY for finding in run_all(name)] == []


def test_termination_releases_what_is_held(ctx, now):
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    payment = make.make_payment(made[0], now)
    free = line_totals(made[0].line).available_fen
    terminate(made[0], now)
    assert (made[0].state, payment.state) == ("terminated", "cancelled")
    assert line_totals(made[0].line).available_fen == free + payment.fen
    with pytest.raises(Conflict, match="尚未审定"):
        make.make_payment(made[0], now, submit=False)
    assert [finding for name in MONEY for finding in run_all(name)] == []


def test_what_the_bank_has_is_answered_first(ctx, now):
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    payment = make.make_payment(made[0], now, approve=True)
    finance = staff(Role.FINANCE, now)
    batch = batches.make_batch([payment], actor=finance, now=now)
    batches.export_batch(batch, bank_format=make.make_format(now), actor=finance, now=now)
    with pytest.raises(Conflict, match="已送银行"):
        terminate(made[0], now)


def test_standing_award_and_sums_beyond_the_paid_are_not_demanded(award, now):
    with pytest.raises(Conflict, match="终止后"):
        demand(award, now)
    terminate(award, now)
    for wan in (0, 11):
        with pytest.raises(InvalidInput, match="追回金额"):
            demand(award, now, wan=wan)
    with pytest.raises(InvalidInput, match="期限"):
        demand(award, now, days=0)
    demand(award, now)
    with pytest.raises(Conflict, match="已有追回"):
        demand(award, now)


def test_refund_beyond_the_demand_and_by_others_is_refused(award, now):
    clawback = demand(terminate(award, now), now, wan=5)
    with pytest.raises(InvalidInput, match="退回金额"):
        receive(clawback, now, wan=6)
    with pytest.raises(NotAllowed):
        receive(clawback, now, wan=1, role=Role.LEADER)
    receive(clawback, now, wan=1)
    with pytest.raises(Conflict, match="不能撤销"):
        clawbacks.withdraw_demand(clawback, reason="误", actor=office(now), now=now)


def test_check_names_a_refund_that_the_ledger_does_not_know(award, now):
    clawback = demand(terminate(award, now), now)
    refund = receive(clawback, now, wan=4)
    refund.fen = 5 * FEN_PER_WAN
    flush()
    assert {finding.where for finding in run_all("refunds-fit")} == {f"clawback {clawback.id}"}


def test_from_termination_to_the_last_refund_on_the_pages(prepared, as_user, app, frozen):
    number = prepared(lambda now: paid_award(now).number)
    office_, finance = as_user("office-staff"), as_user("finance-staff")
    page = f"/awards/items/{number}"
    assert "终止项目" in office_.text(page)
    assert office_.post(page + "/terminate", {"reason": ""}).status_code == 422
    assert office_.post(page + "/terminate", {"reason": "未通过验收"}).status_code == 303
    assert "追回资金" in office_.text(page)
    given = {
        "amount": "10",
        "due_on": (frozen.date() + DAY).isoformat(),
        "document_no": "1号",
        "reason": "终止",
    }
    wrong = office_.post(page + "/clawback", {**given, "amount": "11"})
    assert wrong.status_code == 422 and 'value="11"' in wrong.get_data(as_text=True)
    made = office_.post(page + "/clawback", given)
    assert made.status_code == 303
    url = made.location
    refund = {"received_on": frozen.date().isoformat(), "bank_reference": "HD9", "document_no": "2号"}
    assert office_.post(url + "/refunds", {**refund, "amount": "1"}).status_code == 403
    assert finance.post(url + "/refunds", {**refund, "amount": "100000.01"}).status_code == 422
    assert finance.post(url + "/refunds", {**refund, "amount": "100000"}).status_code == 303
    assert "已全部退回" in finance.text(url) and "HD9" in finance.text(url)
    assert "已全部退回" in finance.text("/money/clawbacks")
    with app.app_context():
        assert run_all() == []


def test_late_refunds_are_listed(prepared, as_user):
    def late(now):
        award = paid_award(now - 40 * DAY)
        return demand(terminate(award, now - 40 * DAY), now - 40 * DAY).number

    number = prepared(late)
    page = as_user("finance-staff").text("/money/clawbacks?late=1")
    assert number in page and "逾期" in page


def test_nobody_is_asked_twice(prepared, app):
    def twice(now):
        award = paid_award(now)
        first = demand(terminate(award, now), now)
        clawbacks.withdraw_demand(first, reason="金额有误", actor=office(now), now=now)
        return demand(award, now, wan=5).number

    number = prepared(twice)
    with app.app_context():
        assert db.session.scalar(db.select(Clawback.fen).where(Clawback.number == number)) == 5 * FEN_PER_WAN
        assert db.session.scalar(db.select(Payment.state)) == "paid"
