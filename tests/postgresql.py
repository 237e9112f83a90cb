"""Databases on the test server, made and dropped by name."""

import os

from sqlalchemy import create_engine, text

SERVER = os.environ.get("LEITAI_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


def recreate(name: str, template: str | None = None) -> None:
    drop(name)
    administer(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))


def drop(name: str) -> None:
    administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def administer(statement: str) -> None:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
