"""Rows altered behind the application's back, triggers dropped and constraints ignored: `check` names them.

Each test breaks into a copy of the played edition of its own and asks the command that a user gives.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Column, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from awards.enums import AwardState
from awards.models import (
    Award,
    BankFormat,
    BankResult,
    BankResultLine,
    BatchExport,
    Instalment,
    Notice,
    Payee,
    PayeeAccount,
    Payment,
    PaymentBatch,
    PaymentStep,
)
from competition.models import Candidacy, Recommendation, ReviewDecision
from core import seals
from core.app import create_app
from core.db import db
from core.enums import Role
from core.models import AuditEvent, ChainHead, User
from core.settings import from_environment
from fund.models import Account, BudgetLine, Transfer
from judging.models import Ranking, RankingRow, Score, Sheet
from tests.demo.intruder import alter, breaking_in, keys_of, name_of, row_of


def check(played, *arguments: str) -> set[tuple[str, str]]:
    """(invariant, row) of everything found; the exit status must say the same.

    The command in this process: what another has to import every time would be half of the time.
    """
    app = create_app(from_environment(played.environment))
    done = app.test_cli_runner().invoke(args=["check", "--json", *arguments])
    with app.app_context():
        db.engine.dispose()
    found = found_in(done.stdout)
    assert done.exit_code == (1 if found else 0), done.output
    return found


def found_in(answer: str) -> set[tuple[str, str]]:
    return {(row["invariant"], row["where"]) for row in json.loads(answer)["findings"]}


def rows_named(found: set[tuple[str, str]]) -> set[str]:
    return {where for _, where in found}


def sealed_cells() -> Iterator[tuple[Table, Column]]:
    for model in seals.sealed_models():
        for column in seals.sealed_columns(model.__mapper__):
            if not column.primary_key:
                yield model.__table__, column


@contextmanager
def sealing_as(played):
    """Seals made in here are made with the installation's own key."""
    with create_app(from_environment(played.environment)).app_context():
        yield


def middle(connection, model) -> tuple:
    keys = keys_of(connection, model.__table__)
    return keys[len(keys) // 2]


def altered(connection, table: Table, identity: tuple, column: Column) -> bool:
    """False where a unique index, which cannot be switched off on SQLite, has no room for another value."""
    try:
        with connection.begin_nested():
            alter(connection, table, identity, column)
    except IntegrityError:
        return False
    return True


def test_a_cell_of_every_sealed_column_is_guarded(played_copy):
    """Each in a row of its own where the table has enough rows."""
    played, forged = played_copy(), {}
    with breaking_in(played.url) as connection:
        rows = {model.__table__.name: keys_of(connection, model.__table__) for model in seals.sealed_models()}
        for table, column in sealed_cells():
            free = [key for key in rows[table.name] if (table.name, key) not in forged]
            identity = free[len(free) // 2] if free else None
            if identity and altered(connection, table, identity, column):
                forged[table.name, identity] = name_of(table, identity)
    assert set(forged.values()) - rows_named(check(played, "--only", "seals-hold")) == set()
    assert len(forged) > 300


def test_changed_values_are_named_by_the_whole_check(played_copy):
    played, expected = played_copy(), set()
    with breaking_in(played.url) as connection:
        for model, field in DECIDING:
            identity = middle(connection, model)
            alter(connection, model.__table__, identity, model.__table__.c[field])
            expected.add(name_of(model.__table__, identity))
    assert expected - rows_named(check(played)) == set()


MONEY = (
    BudgetLine,
    Account,
    Transfer,
    Award,
    Instalment,
    Payee,
    PayeeAccount,
    Payment,
    PaymentStep,
    PaymentBatch,
    BankFormat,
    BatchExport,
    BankResult,
    BankResultLine,
    ChainHead,
)
# These say nothing of the money: a count of writes, and numbers of rows that neither another row nor the trail names.
SILENT = {("payment", "version")} | {
    (table, "id") for table in ("bank_result_line", "batch_export", "fund_account", "payment_step")
}


@pytest.mark.parametrize("part", [0, 1, 2], ids=["first", "second", "third"])
def test_each_column_of_each_money_table_is_named(played_copy, part):
    """One row for one column, seals and numbers of rows among them; what the whole check says names that very row."""
    played, expected = played_copy(), {}
    with breaking_in(played.url) as connection:
        for model in MONEY:
            table = model.__table__
            keys = keys_of(connection, table)
            columns = [column for column in table.columns if (table.name, column.name) not in SILENT]
            for place, column in enumerate(columns):
                identity = keys[(place * 7 + 3) % len(keys)]
                if place % 3 != part or name_of(table, identity) in expected.values():
                    continue
                if altered(connection, table, identity, column):
                    expected[table.name, column.name] = name_of(table, identity)
    assert expected
    named = rows_named(check(played))
    assert {place: row for place, row in expected.items() if row not in named} == {}


DECIDING = (
    (Account, "balance_fen"),
    (Transfer, "fen"),
    (Score, "hundredths"),
    (Sheet, "total_hundredths"),
    (RankingRow, "rank"),
    (Award, "amount_fen"),
    (Payment, "fen"),
    (AuditEvent, "reason"),
)
# What is taken out is named by itself or, where nothing else knows of it, by the row that it belonged to.
TAKEN_OUT = {
    Transfer: "transfer",
    Sheet: "sheet",
    Score: "sheet",
    RankingRow: "ranking",
    Ranking: "ranking",
    Candidacy: "candidacy",
    Award: "award",
    Instalment: "instalment",
    Notice: "notice",
    Payment: "payment",
    PaymentStep: "payment",
    ReviewDecision: "entry",
    Recommendation: "recommendation_list",
    AuditEvent: "audit_event",
}
OWNER = {Score: "sheet_id", RankingRow: "ranking_id", PaymentStep: "payment_id", ReviewDecision: "entry_id"}
OWNER[Recommendation] = "list_id"


@pytest.mark.parametrize(
    "models",
    [
        (Transfer, Score, PaymentStep, Recommendation, Notice, Candidacy),
        (AuditEvent, Sheet, Instalment, ReviewDecision, Ranking),
        (RankingRow, Payment, Award),
    ],
    ids=lambda models: "+".join(model.__tablename__ for model in models),
)
def test_rows_taken_out_are_missed(played_copy, models):
    played, expected = played_copy(), set()
    with breaking_in(played.url) as connection:
        for model in models:
            identity = middle(connection, model)
            here = row_of(model.__table__, identity)
            owner = OWNER.get(model)
            number = connection.scalar(select(model.__table__.c[owner]).where(here)) if owner else identity[0]
            connection.execute(delete(model.__table__).where(here))
            expected.add(f"{TAKEN_OUT[model]} {number}")
    assert expected - rows_named(check(played)) == set()


def test_a_row_put_in_is_not_believed(played_copy):
    """A copied signature, seal and all, with only its number changed."""
    played = played_copy()
    with breaking_in(played.url) as connection:
        table = PaymentStep.__table__
        copied = dict(connection.execute(select(table).limit(1)).one()._mapping)
        copied |= {"id": 1_000_000, "seq": copied["seq"] + 90}
        connection.execute(insert(table).values(copied))
    named = rows_named(check(played))
    assert {"payment_step 1000000", f"payment {copied['payment_id']}"} <= named


def test_the_end_of_the_trail_cut_off_is_seen(played_copy):
    """The intruder also mends the chain's head, which needs no key; the anchor outside the database does not agree."""
    played = played_copy()
    with breaking_in(played.url) as connection:
        events, head = AuditEvent.__table__, ChainHead.__table__
        last = (
            connection.execute(select(events.c.seq).order_by(events.c.seq.desc()).limit(1)).scalar_one() - 40
        )
        connection.execute(delete(events).where(events.c.seq > last))
        seal = connection.scalar(select(events.c.seal).where(events.c.seq == last))
        connection.execute(update(head).where(head.c.name == "audit").values(count=last, hash=seal))
    assert "audit-anchor" in {invariant for invariant, _ in check(played)}


def test_an_older_version_put_back_is_seen(played_copy):
    """A copy kept from before has a genuine seal, made here with the key; the trail knows of a later state."""
    played = played_copy()
    table = Award.__table__
    with breaking_in(played.url) as connection:
        row = connection.execute(select(table).where(table.c.state == AwardState.SETTLED).limit(1)).one()
    older = {**row._mapping, "state": AwardState.CONFIRMED}
    columns = [column.name for column in seals.sealed_columns(Award.__mapper__)]
    with sealing_as(played):
        older["seal"] = seals.seal_of("award", {name: older[name] for name in columns})
    with breaking_in(played.url) as connection:
        connection.execute(update(table).where(table.c.id == row.id).values(older))
    found = check(played)
    assert ("states-follow-trail", f"award {row.id}") in found
    assert ("seals-hold", f"award {row.id}") not in found


def test_a_role_taken_by_hand_is_seen(played_copy):
    played, table = played_copy(), User.__table__
    with breaking_in(played.url) as connection:
        identity = connection.scalar(select(table.c.id).where(table.c.role == Role.ENTERPRISE).limit(1))
        connection.execute(update(table).where(table.c.id == identity).values(role=Role.FINANCE))
    assert check(played) >= {("roles-follow-trail", f"user_account {identity}")}


def test_an_untouched_copy_is_clean(played_copy):
    """As it is given at a terminal."""
    done = played_copy().flask("check", "--json")
    assert (found_in(done.stdout), done.returncode) == (set(), 0), done.stderr
