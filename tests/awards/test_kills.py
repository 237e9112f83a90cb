"""Killed with -9 in the middle of a batch: nothing of it happened, `check` is content, and the next run does all of it."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from awards.enums import PaymentState
from awards.models import BankFormat, Payment, PaymentBatch, PaymentStep
from awards.operations import results
from core import cli
from core.app import create_app
from core.checks import run_all
from core.clock import utcnow
from core.db import commit, db, end
from core.enums import InstallationKind, Role
from fund.models import Transfer
from tests.conftest import SERVER, build_schema, drop, recreate, settings_for
from tests.factories import awards as make
from tests.factories.competition import staff
from tests.played import ROOT

COUNT = 5


@pytest.fixture
def house(database_kind, tmp_path, worker_name):
    """(application, environment) of a database of its own, really committed to."""
    name = f"leitai_kills_{worker_name}"
    url = f"sqlite:///{tmp_path / 'kills.sqlite3'}"
    if database_kind == "postgresql":
        recreate(name)
        url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    app = create_app(settings_for(url, tmp_path))
    with app.app_context():
        build_schema()
        cli.install(InstallationKind.REAL)
        commit()
        end()
    given = {"LEITAI_ENV": "test", "LEITAI_DATABASE_URL": url, "LEITAI_DATA_DIR": str(tmp_path)}
    yield app, {**os.environ, **given, "LEITAI_PASSWORD_PROFILE": "fast"}
    with app.app_context():
        db.engine.dispose()
    if database_kind == "postgresql":
        drop(name)


def drafts(now) -> None:
    _, made = make.make_winners(now, count=COUNT)
    make.confirm(made, now)
    for award in made:
        make.give_account(award.payee, now)
        make.make_payment(award, now, submit=False)


def approved(now) -> None:
    make.make_batch(now, count=COUNT, export=False)
    make.make_format(now)


def answered(now) -> None:
    batch = make.make_batch(now, count=COUNT)
    content = make.answer_file(batch, *((place, "成功", f"R{place}") for place in range(COUNT)))
    wanted = db.session.scalar(select(BankFormat))
    by = {"actor": staff(Role.FINANCE, now), "now": now}
    results.read_result(batch, content=content, name="r.csv", bank_format=wanted, **by)


def run(environment, act: str, place: int) -> int:
    command = [sys.executable, "-m", "tests.awards.killed", act, str(place)]
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=120).returncode


def everything() -> tuple:
    """What the money looks like: states, signatures, entries of the ledger, batches."""
    states = db.session.execute(select(Payment.state, func.count()).group_by(Payment.state)).all()
    counts = [
        db.session.scalar(select(func.count()).select_from(model.__table__))
        for model in (Transfer, PaymentStep)
    ]
    found = (sorted(map(tuple, states)), counts, db.session.scalars(select(PaymentBatch.state)).all())
    end()
    return found


@pytest.mark.parametrize(
    ("act", "stage", "done"),
    [
        ("submit", drafts, PaymentState.SUBMITTED),
        ("export", approved, PaymentState.EXPORTED),
        ("answer", answered, PaymentState.PAID),
    ],
)
def test_killed_in_the_middle_leaves_all_or_nothing(house, act, stage, done):
    app, environment = house
    with app.app_context():
        stage(utcnow() - timedelta(hours=1))
        commit()
        before = everything()
    assert run(environment, act, 3) == -signal.SIGKILL
    with app.app_context():
        assert everything() == before
        assert run_all() == []
        end()
    assert run(environment, act, 0) == 0
    with app.app_context():
        assert everything()[0] == [(done, COUNT)]
        assert run_all() == []
        end()
