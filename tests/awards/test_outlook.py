"""Finance's look ahead: sums by age and quarter, each leading to exactly the rows it counts."""

import re
from datetime import timedelta

import pytest

from awards import outlook
from awards.enums import PaymentState
from awards.models import Award, Instalment, Payment
from awards.operations import payments
from awards.outlook import Quarter, Sum
from core.db import db
from core.enums import Role
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.competition import staff

WAN = 1_000_000


@pytest.fixture
def made(ctx, now):
    _, awards = make.make_winners(now, count=4, first_bp=6000)
    make.confirm(awards, now)
    return awards


def test_ages_fall_into_their_columns_to_the_day(made, now):
    for award, days in zip(made, (0, 7, 8, 40), strict=True):
        payment = make.make_payment(award, now, submit=False)
        payment.prepared_at = now - timedelta(days=days)
    db.session.flush()
    assert outlook.ages(now) == {
        PaymentState.DRAFT: [Sum(2, 12 * WAN), Sum(1, 6 * WAN), Sum(), Sum(1, 6 * WAN)]
    }
    for first, last in outlook.AGES:
        counted = db.session.scalars(
            db.select(Payment.id).where(*outlook.prepared_within(first, last, now))
        ).all()
        assert len(counted) == {0: 2, 8: 1, 16: 0, 31: 1}[first]


def test_quarters_run_from_the_first_promise_and_carry_what_is_unpaid(made, now):
    payment = make.make_payment(made[0], now, approve=True)
    clerk = staff(Role.FINANCE, now)
    batch = make.batches.make_batch([payment], actor=clerk, now=now)
    make.batches.export_batch(batch, bank_format=make.make_format(now), actor=clerk, now=now)
    later = now + timedelta(days=150)
    payments.confirm_paid(payment, bank_reference="R", actor=clerk, now=later)
    assert outlook.quarters(2026) == [
        Quarter(2026, 2, Sum(8, 40 * WAN), Sum(), 40 * WAN),
        Quarter(2026, 3, Sum(), Sum(), 40 * WAN),
        Quarter(2026, 4, Sum(), Sum(1, 6 * WAN), 34 * WAN),
    ]
    assert db.session.scalars(db.select(Payment.id).where(*outlook.paid_within("2026-4"))).all() == [
        payment.id
    ]
    assert db.session.scalars(db.select(Payment.id).where(*outlook.paid_within("2026-3"))).all() == []
    assert outlook.quarters(2025) == []
    parts = db.select(Instalment.fen).join(Award, Award.id == Instalment.award_id)
    for row in outlook.quarters(2026):
        promised = db.session.scalars(parts.where(outlook.promised_within(row.key))).all()
        assert Sum(len(promised), sum(promised)) == row.promised
        assert sum(db.session.scalars(parts.where(outlook.unpaid_after(row.key)))) == row.unpaid_fen


def test_due_says_what_can_be_paid_and_what_waits(made, now):
    make.make_payment(made[0], now, submit=False)
    found = outlook.due(now)
    assert (found.payable, found.waiting) == (Sum(3, 18 * WAN), Sum(4, 16 * WAN))
    assert (found.to_export, found.at_bank, found.open_lines) == (0, 0, 0)


def test_every_figure_leads_to_its_rows(prepared, as_user):
    def under_way(now):
        cast(now)
        make.make_batch(now, count=2)

    prepared(under_way)
    clerk = as_user("finance-staff")
    page = clerk.text("/money")
    assert "等银行结果" in page
    (aged,) = re.findall(r'href="(/money/payments\?state=exported[^"]+)"', page)
    assert clerk.text(aged.replace("&amp;", "&")).count("ZF2026-") >= 2
    assert "没有符合条件" in clerk.text("/money/payments?state=exported&age=31-")
    for link, figure in re.findall(r'href="(/money/parts[^"]+)">(?:\d+ 笔 )?([\d,.]+) 万元', page):
        assert f"{figure} 万元</strong>" in clerk.text(link.replace("&amp;", "&"))
    assert "ready=1" in page and "unpaid=" in page and "promised=" in page
    assert clerk.get("/money?year=abc").status_code == 200
    assert as_user("regional-staff").get("/money").status_code == 403


@pytest.mark.parametrize("ready", ["0", "1"])
def test_parts_that_may_be_paid_or_wait_are_those_counted(prepared, as_user, ready):
    def some(now):
        cast(now)
        _, awards = make.make_winners(now, count=3, first_bp=6000)
        make.confirm(awards, now)
        return make.make_payment(awards[0], now, submit=False).number

    prepared(some)
    text = as_user("leader-staff").text(f"/money/parts?ready={ready}")
    assert {"1": "所列 2 期，合计", "0": "所列 3 期，合计"}[ready] in text
    assert "12 万元</strong>" in text


def test_parts_cost_the_same_statements_however_many(prepared, as_user, count_statements):
    def some(now):
        cast(now)
        _, awards = make.make_winners(now, count=12, first_bp=6000)
        make.confirm(awards, now)
        for award in awards[:4]:
            make.make_payment(award, now)

    prepared(some)
    clerk = as_user("finance-staff")
    clerk.get("/money/parts")
    costs = []
    for url in ("/money/parts?size=10", "/money/parts?size=50", "/money/parts?size=50&q=没有的"):
        with count_statements() as seen:
            clerk.text(url)
        costs.append(len(seen))
    assert costs[0] == costs[1] >= costs[2]
