"""Alembic's environment: the application's engine and the models' metadata; batches for SQLite."""

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
    with db.engine.connect() as connection:
        migrate(connection, options)
        connection.commit()


def migrate(connection, options) -> None:
    context.configure(
        connection=connection, target_metadata=db.metadata, include_object=include_object, **options
    )
    with context.begin_transaction():
        context.run_migrations()


run()
