"""Triggers on both databases: tables that are append-only, rows that may not come in. Packages declare them in wiring.

A trigger is a second lock, not the first: `flask check` trusts none of them and names those that are missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.checks import EXPECTED_TRIGGERS


@dataclass(frozen=True)
class Guard:
    """Refuses a row to come (`NEW`) for which the condition holds; `name` is in the error it raises."""

    name: str
    table: str
    condition: str
    act: str = "INSERT"


_tables: set[str] = set()
_guards: dict[str, Guard] = {}


def append_only(*tables: str) -> None:
    for table in tables:
        _tables.add(table)
        EXPECTED_TRIGGERS.update(name_of(table, act) for act in ACTS)


def refuse_insert(name: str, table: str, condition: str) -> None:
    """`condition` is SQL that both databases read, over the row to come as `NEW`."""
    _declare(Guard(name, table, condition))


def refuse_update(name: str, table: str, condition: str) -> None:
    _declare(Guard(name, table, condition, "UPDATE"))


def _declare(guard: Guard) -> None:
    _guards[guard.name] = guard
    EXPECTED_TRIGGERS.add(guard.name)


ACTS = ("update", "delete")


def name_of(table: str, act: str) -> str:
    return f"{table}_no_{act}"


def statements(dialect: str) -> Iterator[str]:
    """The SQL that installs every declared trigger."""
    if dialect == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'append only table'; END $$"
        )
    for table in sorted(_tables):
        for act in ACTS:
            name = name_of(table, act)
            if dialect == "postgresql":
                yield (
                    f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                )
            else:
                yield (
                    f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'append only table'); END"
                )
    for guard in _guards.values():
        yield from guard_statements(guard, dialect)


def guard_statements(guard: Guard, dialect: str) -> Iterator[str]:
    """An integrity error on both databases, so that it is answered as any other constraint."""
    if dialect == "sqlite":
        yield (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.act} ON {guard.table} WHEN {guard.condition} "
            f"BEGIN SELECT RAISE(ABORT, '{guard.name}'); END"
        )
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {guard.condition} THEN "
        f"RAISE EXCEPTION '{guard.name}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.act} ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
    )


def drop_statements(dialect: str) -> Iterator[str]:
    for guard in _guards.values():
        if dialect == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {guard.name}"
        else:
            yield f"DROP FUNCTION IF EXISTS {guard.name}() CASCADE"
    for table in sorted(_tables):
        for act in ACTS:
            on = f" ON {table}" if dialect == "postgresql" else ""
            yield f"DROP TRIGGER IF EXISTS {name_of(table, act)}{on}"
    if dialect == "postgresql":
        yield "DROP FUNCTION IF EXISTS refuse_change()"
