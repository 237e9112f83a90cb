"""Seals: a keyed digest on every row that decides something, so that a change behind the application's back is named.

The key lives outside the database. A sealed row is only ever written through the ORM (a bulk statement would
leave a stale seal, and `flask check` would say so). The primary key and the version counter are left out: the
first is unknown before the insert, the second carries no meaning.
"""

import enum
import hmac
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import Column, Connection, String, event, insert, inspect, select, update
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from core.db import Base, db


class Sealed:
    """Mixin: the row carries `seal` over all its other columns, but for those named in UNSEALED, which others prove."""

    UNSEALED: frozenset[str] = frozenset()
    seal: Mapped[str] = mapped_column(String(64), default="")


def key() -> bytes:
    return current_app.config["SETTINGS"].seal_key


def mac(payload: bytes) -> str:
    return hmac.digest(key(), payload, "sha256").hex()


_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=lambda value: plain(value)
).encode


def canonical(values: dict[str, Any]) -> bytes:
    """One byte string for one row, the same on both databases and after a round trip."""
    return _encode(values).encode()


def plain(value: Any) -> str:
    """What JSON does not know, as text; text enums it knows by their value."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def sealed_columns(mapper: Mapper) -> list[Column]:
    skipped = {
        "seal",
        *mapper.class_.UNSEALED,
        *(column.name for column in mapper.primary_key if mapper.local_table.name != "audit_event"),
    }
    if mapper.version_id_col is not None:
        skipped.add(mapper.version_id_col.name)
    return [column for column in mapper.local_table.columns if column.name not in skipped]


def seal_of(table: str, values: dict[str, Any]) -> str:
    return mac(table.encode() + b"|" + canonical(values))


def sealed_models() -> Iterator[type]:
    """Every sealed model, by table name."""
    models = [m.class_ for m in Base.registry.mappers if issubclass(m.class_, Sealed)]
    yield from sorted(models, key=lambda model: model.__table__.name)


@event.listens_for(Sealed, "before_insert", propagate=True)
@event.listens_for(Sealed, "before_update", propagate=True)
def _apply(mapper: Mapper, _connection, row: Any) -> None:
    values, held = {}, row.__dict__
    for name, attribute, default in _plan(mapper):
        value = held[attribute] if attribute in held else getattr(row, attribute)
        if value is None and default is not None:
            value = default.arg(None) if default.is_callable else default.arg
            setattr(row, attribute, value)
        values[name] = value
    row.seal = seal_of(mapper.local_table.name, values)


def insert_rows(model: type, rows: Sequence[dict[str, Any]]) -> None:
    """Thousands of new sealed rows by one statement, as the ORM would write them. Columns left out get their defaults.

    For imports only: nothing of it enters the session, and who needs the keys reads them back.
    """
    if rows:
        mapper, known = model.__mapper__, {}
        table, plan = mapper.local_table, _plan(mapper)
        db.session.execute(insert(table), [_sealed(table.name, plan, row, known) for row in rows])


def _sealed(
    name: str, plan: list[tuple[str, str, Any]], row: dict[str, Any], known: dict[tuple, str]
) -> dict[str, Any]:
    """The row with its defaults and its seal. Keys are not sealed, so rows of plain values are often alike."""
    values = {}
    for column, _, default in plan:
        value = row.get(column)
        if value is None and default is not None:
            value = default.arg(None) if default.is_callable else default.arg
        values[column] = value
    try:
        alike = tuple(values.values())
        seal = known.get(alike) or known.setdefault(alike, seal_of(name, values))
    except TypeError:  # a list or an object is among them
        seal = seal_of(name, values)
    return {**row, **values, "seal": seal}


@cache
def _plan(mapper: Mapper) -> list[tuple[str, str, Any]]:
    """(column, attribute, default) of every sealed column; asked once per model."""
    return [
        (column.name, mapper.get_property_by_column(column).key, column.default)
        for column in sealed_columns(mapper)
    ]


def broken(model: type) -> Iterator[tuple[Any, str]]:
    """(primary key, what is wrong) of every row whose seal does not fit its content."""
    mapper = model.__mapper__
    columns = sealed_columns(mapper)
    pk = list(mapper.primary_key)
    table = mapper.local_table
    try:
        rows = db.session.execute(select(*pk, table.c.seal, *columns)).all()
    except (LookupError, ValueError, TypeError):
        yield from _broken_one_by_one(table, pk, columns)
        return
    for row in rows:
        if not _fits(table.name, columns, row[len(pk)], row[len(pk) + 1 :]):
            yield identity(row[: len(pk)]), "内容与封签不符"


def _broken_one_by_one(table, pk, columns) -> Iterator[tuple[Any, str]]:
    for found in db.session.execute(select(*pk)).all():
        where = [column == value for column, value in zip(pk, found, strict=True)]
        try:
            row = db.session.execute(select(table.c.seal, *columns).where(*where)).one()
        except (LookupError, ValueError, TypeError):
            yield identity(found), "内容不可读（类型或取值不合法）"
            continue
        if not _fits(table.name, columns, row[0], row[1:]):
            yield identity(found), "内容与封签不符"


def _fits(table: str, columns: list[Column], seal: str, values) -> bool:
    expected = seal_of(table, {column.name: value for column, value in zip(columns, values, strict=True)})
    return hmac.compare_digest(expected.encode(), (seal or "").encode())


def identity(values) -> Any:
    """A primary key as findings name it."""
    return values[0] if len(values) == 1 else tuple(values)


def reseal(connection: Connection, name: str, added: tuple[str, ...]) -> None:
    """For a migration that gave a sealed table columns: a row whose seal fitted without them is sealed with them.

    A seal that did not fit before is left as it is, so that an altered row stays named.
    """
    mapper = next(model.__mapper__ for model in sealed_models() if model.__table__.name == name)
    table, present = mapper.local_table, {column["name"] for column in inspect(connection).get_columns(name)}
    columns = [column for column in sealed_columns(mapper) if column.name in present]
    before = [column for column in columns if column.name not in added]
    for row in connection.execute(select(*table.primary_key.columns, table.c.seal, *columns)).mappings():
        if _fits(name, before, row["seal"], [row[column.name] for column in before]):
            seal = seal_of(name, {column.name: row[column.name] for column in columns})
            here = [key == row[key.name] for key in table.primary_key.columns]
            connection.execute(update(table).where(*here).values(seal=seal))
