"""Fifty clients at once, each with its own connection: never over, never twice, and whatever was possible granted."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from awards.enums import PaymentState
from awards.models import BankFormat, BankResult, Payment, PaymentBatch, PaymentStep
from awards.operations import payments, results
from core import cli
from core.app import create_app
from core.checks import run_all
from core.db import commit, db, end
from core.enums import InstallationKind, Role
from core.errors import Refusal
from core.models import User
from core.rules import SYSTEM
from fund import operations as ledger
from fund.enums import TransferKind
from fund.models import BudgetLine, Transfer
from fund.queries import line_totals
from tests.conftest import SERVER, build_schema, drop, recreate, settings_for
from tests.factories import awards as make
from tests.factories.competition import staff

CLIENTS = 50
PAYMENTS, ROOM = 10, 4
WAN = 1_000_000


@pytest.fixture(scope="module")
def open_app(database_kind, tmp_path_factory, worker_name):
    """A database of its own, really committed to."""
    folder, name = tmp_path_factory.mktemp("races"), f"leitai_races_{worker_name}"
    if database_kind == "sqlite":
        url = f"sqlite:///{folder / 'races.sqlite3'}"
    else:
        recreate(name)
        url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    app = create_app(settings_for(url, folder))
    with app.app_context():
        build_schema()
        cli.install(InstallationKind.REAL)
        db.session.commit()
        end()
    yield app
    with app.app_context():
        db.engine.dispose()
    if database_kind == "postgresql":
        drop(name)


@pytest.fixture(scope="module")
def stand(open_app):
    """Ten payments to be submitted to a line with room for four, and one before its last approval."""
    now = datetime(2026, 5, 10, 2, tzinfo=UTC)
    with open_app.app_context():
        _, made = make.make_winners(now, count=PAYMENTS + 1)
        make.confirm(made, now)
        leaders = [staff(Role.LEADER, now, username=f"leader-{n}").id for n in range(CLIENTS)]
        alone = make.make_payment(made[0], now)
        payments.review_payment(alone, actor=make.second_office(now), now=now)
        payments.approve_finance(alone, actor=staff(Role.FINANCE, now), now=now)
        drafts = [make.make_payment(award, now, submit=False) for award in made[1:]]
        for payment in drafts:
            make.give_account(payment.payee, now)
        line, other = alone.line, make.make_line(now, wan=2000, code="T26-9")
        spare = line_totals(line).available_fen - ROOM * drafts[0].fen
        by = {"actor": staff(Role.FINANCE, now), "now": now}
        ledger.hold(line, fen=spare, payment_no="REST", attempt=1, idem="race:rest", **by)
        make.make_format(now)
        commit()
        return {
            "now": now,
            "line": line.id,
            "other": other.id,
            "alone": alone.id,
            "drafts": [payment.id for payment in drafts],
            "spare": spare,
            "leaders": leaders,
            "office": make.office(now).id,
            "finance": staff(Role.FINANCE, now).id,
        }


def race(app, act, arguments) -> Counter[str]:
    """Every act in a thread and a session of its own, all let go together; "" for done, else the refusal's code."""
    start = Barrier(len(arguments))

    def client(argument) -> str:
        start.wait()
        with app.app_context():
            try:
                act(argument)
                commit()
            except Refusal as refusal:
                db.session.rollback()
                return refusal.code
            finally:
                end()
        return ""

    with ThreadPoolExecutor(len(arguments)) as pool:
        return Counter(pool.map(client, arguments))


def count(stmt) -> int:
    return db.session.scalar(select(func.count()).select_from(stmt.subquery()))


def test_fifty_hold_one_line(open_app, stand):
    """150万 each of 2,000万: as many as fit, each once, the others refused for want of money."""

    def hold(number: int) -> None:
        ledger.hold(
            db.session.get(BudgetLine, stand["other"]),
            fen=150 * WAN,
            payment_no=f"R{number}",
            attempt=1,
            idem=f"race:hold:{number}",
            actor=SYSTEM,
            now=stand["now"],
        )

    outcome = race(open_app, hold, range(CLIENTS))
    assert outcome == {"": 13, "insufficient_balance": 37}
    with open_app.app_context():
        assert line_totals(db.session.get(BudgetLine, stand["other"])).held_fen == 13 * 150 * WAN
        assert run_all() == []


def test_fifty_with_one_key_hold_once(open_app, stand):
    def hold(_number: int) -> None:
        ledger.hold(
            db.session.get(BudgetLine, stand["other"]),
            fen=WAN,
            payment_no="ONE",
            attempt=1,
            idem="race:one",
            actor=SYSTEM,
            now=stand["now"],
        )

    assert race(open_app, hold, range(CLIENTS)) == {"": CLIENTS}
    with open_app.app_context():
        assert count(select(Transfer.seq).where(Transfer.payment_no == "ONE")) == 1


def test_fifty_submit_ten_payments_to_a_line_with_room_for_four(open_app, stand):
    """Five clients on each payment: four payments held, each once; nobody who came in time for the room goes without."""

    def submit(payment_id: int) -> None:
        clerk = db.session.get(User, stand["office"])
        payments.submit_payment(db.session.get(Payment, payment_id), actor=clerk, now=stand["now"])

    outcome = race(open_app, submit, stand["drafts"] * (CLIENTS // PAYMENTS))
    assert outcome[""] == ROOM
    assert set(outcome) <= {"", "insufficient_balance", "conflict", "illegal_transition"}
    with open_app.app_context():
        totals = line_totals(db.session.get(BudgetLine, stand["line"]))
        assert (totals.available_fen, totals.held_fen) == (0, stand["spare"] + 5 * 10 * WAN)
        assert count(select(Payment.id).where(Payment.state == PaymentState.SUBMITTED)) == ROOM
        assert run_all() == []


def test_fifty_leaders_approve_one_payment(open_app, stand):
    def approve(leader_id: int) -> None:
        leader = db.session.get(User, leader_id)
        payments.approve_leader(db.session.get(Payment, stand["alone"]), actor=leader, now=stand["now"])

    outcome = race(open_app, approve, stand["leaders"])
    assert outcome[""] == 1
    assert set(outcome) <= {"", "conflict", "illegal_transition"}
    with open_app.app_context():
        steps = select(PaymentStep.id).where(
            PaymentStep.payment_id == stand["alone"], PaymentStep.role == "leader"
        )
        assert count(steps) == 1
        assert run_all() == []


@pytest.fixture
def sent(open_app, stand):
    """The approved payment, sent to the bank, with the bank's answer read."""
    with open_app.app_context():
        now, clerk = stand["now"], db.session.get(User, stand["finance"])
        assert db.session.get(Payment, stand["alone"]).state == PaymentState.APPROVED
        by = {"actor": clerk, "now": now}
        batch = make.batches.make_batch([db.session.get(Payment, stand["alone"])], **by)
        bank_format = db.session.scalar(select(BankFormat))
        make.batches.export_batch(batch, bank_format=bank_format, **by)
        content = make.answer_file(batch, (0, "成功", "R1"))
        result, _ = results.read_result(batch, content=content, name="r.csv", bank_format=bank_format, **by)
        commit()
        return result.id, results.digest_of(results.matches_of(result))


def test_fifty_confirm_one_answer(open_app, stand, sent):
    result_id, seen = sent

    def confirm(_number: int) -> None:
        clerk = db.session.get(User, stand["finance"])
        results.confirm_result(
            db.session.get(BankResult, result_id), seen=seen, actor=clerk, now=stand["now"]
        )

    outcome = race(open_app, confirm, range(CLIENTS))
    assert outcome[""] == 1
    assert set(outcome) <= {"", "conflict", "illegal_transition", "result_changed"}
    with open_app.app_context():
        assert count(select(Transfer.seq).where(Transfer.kind == TransferKind.PAY)) == 1
        assert count(select(PaymentBatch.id)) == 1
        assert run_all() == []
