"""Somebody who can write to the database, but holds no key: constraints and triggers mean nothing to him."""

import enum
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Column, Connection, Table, and_, create_engine, select, text, update
from sqlalchemy import types as sa_types

POSTGRESQL_DISARM = """
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
    WHERE contype IN ('c', 'u', 'f') AND connamespace = 'public'::regnamespace
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', found.owner, found.conname); END LOOP;
  FOR found IN SELECT indexrelid::regclass AS name FROM pg_index
    WHERE indisunique AND NOT indisprimary AND indexrelid::regclass::text NOT LIKE 'pg_%'
  LOOP EXECUTE format('DROP INDEX IF EXISTS %s', found.name); END LOOP;
END $$
"""


@contextmanager
def breaking_in(url: str):
    """A connection on which nothing the database itself enforces is in the way."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(POSTGRESQL_DISARM))
        else:
            connection.execute(text("PRAGMA ignore_check_constraints = ON"))
            for name in connection.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
    engine.dispose()


def keys_of(connection: Connection, table: Table) -> list[tuple]:
    """Every row's primary key, in order."""
    key = list(table.primary_key.columns)
    return [tuple(row) for row in connection.execute(select(*key).order_by(*key))]


def row_of(table: Table, identity: tuple):
    return and_(*(column == part for column, part in zip(table.primary_key.columns, identity, strict=True)))


def name_of(table: Table, identity: tuple) -> str:
    """As `check` names the row."""
    return f"{table.name} {identity[0] if len(identity) == 1 else identity}"


def alter(connection: Connection, table: Table, identity: tuple, column: Column) -> None:
    """Put another believable value into one cell."""
    here = row_of(table, identity)
    held = connection.scalar(select(column).where(here))
    connection.execute(update(table).where(here).values({column.name: another(column, held)}))


def another(column: Column, held):
    if isinstance(column.type, sa_types.Enum):
        return next(member for member in column.type.enum_class if member is not held)
    if isinstance(column.type, sa_types.JSON):
        return {"forged": [held]}
    if held is None:
        return another(column, _neutral(column))
    return _moved(held)


def _neutral(column: Column):
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(kind, sa_types.DateTime):
        return datetime.fromisoformat("2018-06-01T00:00:00+00:00")
    if isinstance(kind, sa_types.Date):
        return date(2018, 6, 1)
    if isinstance(kind, sa_types.Boolean):
        return False
    if isinstance(kind, sa_types.Numeric):
        return Decimal(0)
    return 0 if isinstance(kind, sa_types.Integer) else ""


def _moved(held):
    if isinstance(held, bool):
        return not held
    if isinstance(held, datetime | date):
        return held + timedelta(days=1)
    if isinstance(held, enum.Enum):
        return next(member for member in type(held) if member is not held)
    if isinstance(held, int | float | Decimal):
        return held + 1_000_003
    return held[:-1] + ("改" if held[-1:] != "改" else "动")
