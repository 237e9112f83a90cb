"""The ledger: balanced, guarded, idempotent, chained."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core import triggers
from core.checks import run_all
from core.db import commit, db
from core.errors import Conflict, InvalidInput
from core.rules import SYSTEM
from fund import operations as ledger
from fund.enums import LineKind
from fund.queries import line_totals

WAN = 1_000_000


@pytest.fixture
def lines(ctx, now):
    parent = ledger.create_line(
        code="T", fiscal_year=2026, name="大赛", kind=LineKind.PROGRAMME, actor=SYSTEM, now=now
    )
    child = ledger.create_line(
        code="T-1",
        fiscal_year=2026,
        name="新上",
        kind=LineKind.NEW_PROJECTS,
        parent=parent,
        actor=SYSTEM,
        now=now,
    )
    ledger.issue(parent, fen=2000 * WAN, document_no="演示〔2026〕1号", idem="issue", actor=SYSTEM, now=now)
    ledger.allocate(parent, child, fen=1500 * WAN, document_no="", idem="allocate", actor=SYSTEM, now=now)
    return parent, child


def hold(line, now, number="P1", fen=100 * WAN, attempt=1):
    key = f"{number}:{attempt}:hold"
    return ledger.hold(line, fen=fen, payment_no=number, attempt=attempt, idem=key, actor=SYSTEM, now=now)


def test_totals_roll_up(lines, now):
    parent, child = lines
    hold(child, now)
    totals = line_totals(parent)
    assert (totals.issued_fen, totals.held_fen, totals.available_fen) == (2000 * WAN, 100 * WAN, 1900 * WAN)


def test_hold_beyond_the_line_is_refused(lines, now):
    _, child = lines
    with pytest.raises(Conflict) as refusal:
        hold(child, now, fen=1500 * WAN + 1)
    assert refusal.value.code == "insufficient_balance"
    assert line_totals(child).held_fen == 0


def test_repeated_key_moves_nothing(lines, now):
    _, child = lines
    assert hold(child, now).seq == hold(child, now).seq
    assert line_totals(child).held_fen == 100 * WAN


def test_key_reused_for_another_amount_is_refused(lines, now):
    _, child = lines
    hold(child, now)
    with pytest.raises(Conflict):
        hold(child, now, fen=50 * WAN)


def test_pay_needs_its_exact_hold(lines, now):
    _, child = lines
    hold(child, now)
    with pytest.raises(Conflict):
        ledger.pay(child, fen=99 * WAN, payment_no="P1", attempt=1, idem="pay", actor=SYSTEM, now=now)
    ledger.pay(child, fen=100 * WAN, payment_no="P1", attempt=1, idem="pay", actor=SYSTEM, now=now)
    assert line_totals(child).paid_fen == 100 * WAN


def test_bounce_restores_the_hold(lines, now):
    _, child = lines
    hold(child, now)
    for step in (ledger.pay, ledger.bounce):
        key = step.__name__
        step(child, fen=100 * WAN, payment_no="P1", attempt=1, idem=key, actor=SYSTEM, now=now)
    totals = line_totals(child)
    assert (totals.held_fen, totals.paid_fen, totals.available_fen) == (100 * WAN, 0, 1400 * WAN)


def test_closed_line_takes_no_hold(lines, now):
    _, child = lines
    ledger.close_line(child, actor=SYSTEM, now=now)
    with pytest.raises(Conflict) as refusal:
        hold(child, now)
    assert refusal.value.code == "line_closed"


def test_issue_without_document_is_refused(lines, now):
    with pytest.raises(InvalidInput):
        ledger.issue(lines[0], fen=1, document_no=" ", idem="x", actor=SYSTEM, now=now)


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("UPDATE transfer SET fen = fen + 1 WHERE seq = 2", "seals-hold"),
        ("UPDATE transfer SET fen = fen + 1 WHERE seq = 2", "ledger-balances"),
        ("UPDATE fund_account SET balance_fen = balance_fen + 1 WHERE balance_fen > 0", "ledger-balances"),
        ("DELETE FROM transfer WHERE seq = 3", "ledger-chain"),
        ("DELETE FROM transfer WHERE seq = 3", "audited-rows-exist"),
        ("UPDATE audit_event SET reason = 'x' WHERE seq = 1", "seals-hold"),
        ("DELETE FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event)", "audit-anchor"),
    ],
)
def test_check_names_what_was_changed_behind_the_back(lines, now, statement, invariant):
    hold(lines[1], now)
    commit()
    assert run_all() == []
    for trigger in triggers.drop_statements(db.engine.dialect.name):
        db.session.execute(text(trigger))
    db.session.execute(text(statement))
    db.session.expire_all()
    assert invariant in {finding.invariant for finding in run_all()}


@pytest.mark.parametrize("statement", ["UPDATE transfer SET fen = 1", "DELETE FROM transfer"])
def test_database_refuses_to_change_an_entry(lines, statement):
    with pytest.raises(DatabaseError, match="append only"):
        db.session.execute(text(statement))
