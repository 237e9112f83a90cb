"""Money that goes back to the treasury: the ordinary chain, returned in the ledger and never counted as spent."""

import pytest

from awards import outlook, queries
from awards.enums import AwardState, Channel, PaymentState
from awards.operations import payments
from awards.operations.treasury import return_money
from core.checks import run_all
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, InvalidInput
from fund.models import BudgetLine
from fund.queries import line_totals
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.competition import make_edition, staff

WAN = 1_000_000


@pytest.fixture
def line(ctx, now):
    return make.make_line(now, wan=10)


def returned(line, now, *, fen=4 * WAN, payee=None, edition=None):
    return return_money(
        edition=edition or make_edition(now),
        line=line,
        payee=payee or make.make_treasury(now),
        fen=fen,
        reason="项目结余",
        actor=make.office(now),
        now=now,
    )


def paid_back(line, now):
    payment = make.make_payment(returned(line, now), now, approve=True)
    by = {"actor": staff(Role.FINANCE, now), "now": now}
    batch = make.batches.make_batch([payment], **by)
    make.batches.export_batch(batch, bank_format=make.make_format(now), **by)
    return payments.confirm_paid(payment, bank_reference="JK1", **by)


def sums(line):
    db.session.expire_all()
    totals = line_totals(line)
    return totals.available_fen, totals.held_fen, totals.paid_fen, totals.returned_fen


def test_it_is_held_then_returned_and_not_spent(line, now):
    payment = paid_back(line, now)
    assert (payment.channel, payment.state) == (Channel.REFUND, PaymentState.PAID)
    assert payment.instalment.award.state == AwardState.SETTLED
    assert sums(line) == (6 * WAN, 0, 0, 4 * WAN)
    commit()
    assert run_all() == []
    assert outlook.quarters(2026) == []
    assert queries.award_facts(make.office(now)) == []


def test_bank_return_restores_the_hold_and_another_attempt_goes_out(line, now):
    payment = paid_back(line, now)
    by = {"actor": staff(Role.FINANCE, now), "now": now}
    payments.bounce_payment(payment, reason="国库退回", **by)
    assert sums(line) == (6 * WAN, 4 * WAN, 0, 0)
    payments.repay(payment, actor=make.office(now), now=now)
    assert sums(line) == (10 * WAN, 0, 0, 0)
    commit()
    assert run_all() == []


@pytest.mark.parametrize("fen", [0, -1])
def test_nothing_is_not_returned(line, now, fen):
    with pytest.raises(InvalidInput):
        returned(line, now, fen=fen)


def test_more_than_is_free_and_another_payee_are_refused(line, now):
    edition = make_edition(now)
    with pytest.raises(Conflict, match="余额不足"):
        returned(line, now, fen=11 * WAN, edition=edition)
    with pytest.raises(InvalidInput, match="国库"):
        returned(line, now, payee=make.make_unit(now), edition=edition)


def test_prizes_do_not_take_the_refund_channel(ctx, now):
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    with pytest.raises(InvalidInput, match="缴回国库"):
        payments.prepare_payment(
            made[0].instalments[0],
            purpose="演示",
            document_no="1号",
            channel=Channel.REFUND,
            actor=make.office(now),
            now=now,
        )


def test_it_is_registered_on_its_page(prepared, as_user, app):
    def ready(now):
        cast(now)
        return make_edition(now).id, make.make_line(now, wan=10).id, make.make_treasury(now).id

    edition, line, payee = prepared(ready)
    office = as_user("office-staff")
    form = {"edition": edition, "line": line, "payee": payee, "amount": "4", "reason": "项目结余"}
    wrong = office.post("/money/returns/new", form | {"amount": "0"})
    assert wrong.status_code == 422 and "项目结余" in wrong.text
    assert office.post("/money/returns/new", form | {"amount": "11"}).status_code == 409
    made = office.post("/money/returns/new", form)
    assert made.status_code == 303 and "缴回国库" in office.text(made.location)
    assert as_user("finance-staff").get("/money/returns/new").status_code == 403
    assert "JK2026-001" in office.text("/money/payments/prepare")
    with app.app_context():
        assert line_totals(db.session.get(BudgetLine, line)).available_fen == 10 * WAN
