"""The database: base class (`Base`), column types, engine behaviour, and the only place that commits.

SQLite runs in WAL with synchronous=FULL (what was acknowledged survives a power cut), foreign keys on, and
`BEGIN IMMEDIATE` for everything that may write: a deferred transaction that reads and then writes fails at once
when another writer came between, whatever the busy timeout.
"""

import enum
import re
import threading
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Enum, MetaData, event, inspect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import JSON, BigInteger, TypeDecorator

from core.errors import Conflict

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Declarative(DeclarativeBase):
    """The plain base Flask-SQLAlchemy builds its own upon."""

    metadata = MetaData(naming_convention=NAMING)


class UTCDateTime(TypeDecorator):
    """Aware UTC in Python, `timestamptz` on PostgreSQL, text without zone on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_type(kind: type[enum.Enum]) -> Enum:
    """A string column with a CHECK that repeats the members."""
    name = "".join("_" + c.lower() if c.isupper() else c for c in kind.__name__).lstrip("_")
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


def fen_column(**options) -> Mapped[int]:
    """Integer 分 in 64 bits: 7,000万元 does not fit in 32."""
    return mapped_column(BigInteger, **options)


db = SQLAlchemy(
    model_class=Declarative,
    disable_autonaming=True,
    session_options={"expire_on_commit": False},
)
Base = db.Model
Base.registry.update_type_annotation_map({dict: JSON, list: JSON})

_write_lock = threading.Lock()
_read_only: ContextVar[bool] = ContextVar("read_only", default=False)
_holds_lock: ContextVar[bool] = ContextVar("holds_write_lock", default=False)

before_commit: list[Callable[[], None]] = []
after_commit: list[Callable[[], None]] = []
after_rollback: list[Callable[[], None]] = []

CONSTRAINT_SENTENCES: dict[str, str] = {}


def explain_constraint(name: str, sentence: str) -> None:
    """Give a unique or check constraint its sentence; packages call this in wiring."""
    CONSTRAINT_SENTENCES[name] = sentence


def prepare_engine(engine) -> None:
    """Attach the SQLite behaviour to an engine; nothing to do on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _configure_sqlite(connection, _record) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=8000",
        "foreign_keys=ON",
        "cache_size=-65536",
        "mmap_size=268435456",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection) -> None:
    if _read_only.get():
        connection.exec_driver_sql("BEGIN")
        return
    # One writer per process at a time: SQLite's own lock backs off in sleeps, which quintuples the p99.
    if not _holds_lock.get():
        _write_lock.acquire()
        _holds_lock.set(True)
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _release_lock() -> None:
    if _holds_lock.get():
        _holds_lock.set(False)
        _write_lock.release()


@contextmanager
def reading():
    """Within this block transactions are read-only by intention (a GET request, a report)."""
    token = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(token)


def commit() -> None:
    """The only commit of the application: once per request, once per job, once per played step."""
    try:
        for hook in before_commit:
            hook()
        db.session.commit()
    except (IntegrityError, OperationalError, StaleDataError) as error:
        rollback()
        raise as_refusal(error) from error
    except BaseException:
        rollback()
        raise
    _release_lock()
    for hook in after_commit:
        hook()


def rollback() -> None:
    db.session.rollback()
    _release_lock()
    for hook in after_rollback:
        hook()


def end() -> None:
    """Return the connection; called when the application context ends."""
    db.session.remove()
    _release_lock()


def as_refusal(error: Exception) -> Exception:
    """A database refusal as a sentence: by constraint name where one is known, else a plain conflict."""
    if isinstance(error, OperationalError) and "readonly" in str(error):
        return error
    name = constraint_name(str(getattr(error, "orig", error)))
    sentence = next((CONSTRAINT_SENTENCES[known] for known in CONSTRAINT_SENTENCES if known in name), None)
    return Conflict(sentence, code=name[:80] if sentence else None)


def constraint_name(message: str) -> str:
    """The violated constraint: PostgreSQL names it, SQLite names the columns of a unique one."""
    found = re.search(r"UNIQUE constraint failed: (.+)", message)
    if not found:
        return message
    columns = [part.strip().split(".") for part in found.group(1).split(",")]
    return "_".join(["uq", columns[0][0], *(column[-1] for column in columns)])


def flush() -> None:
    """Flush inside an operation, so that a conflict surfaces where it can be answered."""
    try:
        db.session.flush()
    except (IntegrityError, StaleDataError) as error:
        raise as_refusal(error) from error


def has_table(name: str) -> bool:
    return inspect(db.engine).has_table(name)
