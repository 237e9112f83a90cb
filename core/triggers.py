"""Triggers that make tables append-only on both databases. Packages declare their tables in wiring.

A trigger is a second lock, not the first: `flask check` trusts none of them and names those that are missing.
"""

from collections.abc import Iterator

from core.checks import EXPECTED_TRIGGERS

_tables: set[str] = set()


def append_only(*tables: str) -> None:
    for table in tables:
        _tables.add(table)
        EXPECTED_TRIGGERS.update(name_of(table, act) for act in ACTS)


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


def drop_statements(dialect: str) -> Iterator[str]:
    for table in sorted(_tables):
        for act in ACTS:
            on = f" ON {table}" if dialect == "postgresql" else ""
            yield f"DROP TRIGGER IF EXISTS {name_of(table, act)}{on}"
    if dialect == "postgresql":
        yield "DROP FUNCTION IF EXISTS refuse_change()"
