"""Migrations: up, equal to the models, down to nothing, and up again, on the database under test."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, inspect
from sqlalchemy.engine import make_url

from core.app import create_app
from core.checks import run_all
from core.db import Base, db
from tests.conftest import SERVER, drop, recreate, settings_for


@pytest.fixture
def fresh(database_kind, tmp_path, worker_name):
    """An application on a database nothing was ever done to."""
    name = f"leitai_migrate_{worker_name}"
    if database_kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'fresh.sqlite3'}"
    else:
        recreate(name)
        url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    app = create_app(settings_for(url, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    if database_kind == "postgresql":
        drop(name)


def differences() -> list:
    with db.engine.connect() as connection:
        options = {"compare_type": True, "include_object": lambda _o, name, *_: name != "alembic_version"}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)


def test_migrated_database_equals_the_models(fresh):
    upgrade()
    assert differences() == []


def test_check_constraints_are_migrated_too(fresh):
    """Autogenerate does not compare them, so the names are compared here."""
    upgrade()
    inspector = inspect(db.engine)
    missing = []
    for table in Base.metadata.sorted_tables:
        present = {constraint["name"] for constraint in inspector.get_check_constraints(table.name)}
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint) and c.name}
        missing += sorted(wanted - present)
    assert missing == []


def test_triggers_are_migrated_too(fresh):
    upgrade()
    assert run_all("triggers-present") == []


def test_down_leaves_nothing_and_up_works_again(fresh):
    upgrade()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    assert differences() == []


def test_revisions_are_numbered_in_order(fresh):
    script = fresh.extensions["migrate"].migrate.get_config()
    revisions = [revision.revision for revision in ScriptDirectory.from_config(script).walk_revisions()]
    assert revisions == sorted(revisions, reverse=True)
    assert all(re.fullmatch(r"[0-9]{4}", revision) for revision in revisions)
