"""Alembic's environment: the application's engine and the models' metadata; batches for SQLite."""

from contextlib import contextmanager

from alembic import context
from flask import current_app

from core.db import db

config = context.config


def include_object(_object, name, kind, reflected, _compare_to) -> bool:
    """Alembic's own table is nobody's model."""
    return not (kind == "table" and reflected and name == "alembic_version")


def run() -> None:
    """One transaction for all steps: a migration killed half way leaves nothing behind, on SQLite as well."""
    options = current_app.extensions["migrate"].configure_args
    given = config.attributes.get("connection")
    if given is not None:
        migrate(given, options)
        return
    with db.engine.connect() as connection, tables_may_be_rebuilt(connection):
        migrate(connection, options)
        connection.commit()


@contextmanager
def tables_may_be_rebuilt(connection):
    """SQLite changes a table by making it anew under its name: meanwhile others point to it, and triggers name it.

    Said to the driver before the transaction begins; within one SQLite ignores the first.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("PRAGMA legacy_alter_table=ON")
    try:
        yield
    finally:
        driver.execute("PRAGMA legacy_alter_table=OFF")
        driver.execute("PRAGMA foreign_keys=ON")


def migrate(connection, options) -> None:
    context.configure(
        connection=connection, target_metadata=db.metadata, include_object=include_object, **options
    )
    with context.begin_transaction():
        context.run_migrations()


run()
