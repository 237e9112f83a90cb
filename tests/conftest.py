"""Fixtures: one schema per session and database, one rolled-back transaction per test."""

import os
import shutil
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import has_app_context
from sqlalchemy import event, text
from sqlalchemy.engine import Engine, make_url

from core import accounts, audit, cli, triggers, web
from core.app import create_app
from core.clock import BEIJING
from core.db import Base, db, end
from core.enums import InstallationKind, Role
from core.rules import SYSTEM
from core.settings import from_environment
from tests.played import drop_shared, played_copy, played_origin  # noqa: F401
from tests.postgresql import SERVER, drop, recreate

PASSWORD = "Correct-Horse-7"


def pytest_addoption(parser):
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_collection_modifyitems(config, items):
    """The longest file starts first and those that wait for the played edition last, so that no core stands idle.

    What asks no database gives the same answer beside both: it runs once, with SQLite.
    """
    if config.getoption("--database") == "postgresql":
        config.hook.pytest_deselected(
            items=[item for item in items if "database_kind" not in item.fixturenames]
        )
        items[:] = [item for item in items if "database_kind" in item.fixturenames]
    items.sort(key=lambda item: ("test_every_page" not in item.nodeid, "played_origin" in item.fixturenames))


def pytest_unconfigure(config):
    drop_shared(config)


@pytest.fixture(scope="session")
def database_kind(request) -> str:
    return request.config.getoption("--database")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def database_url(database_kind, data_dir, worker_name) -> str:
    if database_kind == "sqlite":
        yield f"sqlite:///{data_dir / 'test.sqlite3'}"
        return
    name = f"leitai_test_{worker_name}"
    recreate(name)
    yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    drop(name)


@pytest.fixture(scope="session")
def worker_name() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


def settings_for(url: str, data_dir: Path, **changes: str):
    return from_environment(
        {
            "LEITAI_ENV": "test",
            "LEITAI_DATABASE_URL": url,
            "LEITAI_DATA_DIR": str(data_dir),
            "LEITAI_PASSWORD_PROFILE": "fast",
            **changes,
        }
    )


@pytest.fixture(scope="session")
def empty_app(database_url, data_dir):
    """The application on a database with schema and reference rows, made once."""
    app = create_app(settings_for(database_url, data_dir))
    with app.app_context():
        build_schema()
        cli.install(InstallationKind.REAL)
        db.session.commit()
        end()
    yield app
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(data_dir, ignore_errors=True)


def build_schema() -> None:
    """By the models, which is quick; that the migrations make the same is tests/architecture/test_migrations.py."""
    with db.engine.begin() as connection:
        Base.metadata.create_all(connection)
        for statement in triggers.statements(connection.dialect.name):
            connection.execute(text(statement))


@pytest.fixture
def app(empty_app):
    """Everything a test writes, commits of requests included, is undone at its end."""
    with rolled_back(empty_app):
        yield empty_app


@contextmanager
def rolled_back(app):
    """Bind the session to one connection whose outer transaction is never committed."""
    with app.app_context():
        engines = db.engines
        engine = engines[None]
        connection = engine.connect()
        outer = connection.begin()
        engines[None] = connection
        # A request's own rollback undoes that request, not what the test prepared before it.
        db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    anchor = None
    try:
        with app.app_context():
            anchor = audit.anchor_path()
        yield app
    finally:
        with app.app_context():
            end()
            engines[None] = engine
        outer.rollback()
        connection.close()
        if anchor is not None:
            anchor.unlink(missing_ok=True)


@pytest.fixture
def ctx(app):
    """An application context for tests that call operations; not to be mixed with `client` in one test."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 5, 10, 10, 0, tzinfo=BEIJING).astimezone(UTC)


@pytest.fixture
def frozen(monkeypatch, now):
    """The requests' clock stands at `now`."""
    monkeypatch.setattr(web, "utcnow", lambda: now)
    return now


@pytest.fixture
def make_user(app):
    """make_user(Role.OFFICE, username=..., division_codes=[...]) -> user id is usable across contexts."""

    def make(role: Role, username: str | None = None, now: datetime | None = None, **options):
        count = make.count = getattr(make, "count", 0) + 1
        with nullcontext() if has_app_context() else app.app_context():
            user = accounts.create_user(
                username=username or f"{role.value}{count}",
                display_name=options.pop("display_name", f"{role.label}{count}"),
                role=role,
                password=PASSWORD,
                actor=SYSTEM,
                now=now or datetime(2026, 1, 1, tzinfo=UTC),
                **options,
            )
            _ = user.scopes
            db.session.commit()
            return user

    return make


@pytest.fixture
def sign_in(app):
    """A client whose cookie belongs to a live session of this user."""

    def enter(user):
        client = app.test_client()
        with app.app_context():
            moment = web.utcnow()
            fresh = db.session.get(type(user), user.id)
            token = accounts.open_session(fresh, now=moment, address="127.0.0.1", device="test")
            db.session.commit()
        with client.session_transaction() as cookie:
            cookie["token"], cookie["seen"], cookie["_user_id"] = token, int(web.time.time()), str(user.id)
        return client

    return enter


@pytest.fixture
def count_statements():
    """with count_statements() as seen: ...; len(seen) is the number of SQL statements sent."""

    @contextmanager
    def counting():
        seen: list[str] = []

        def note(_conn, _cursor, statement, *_rest):
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
                seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting
