"""What several migrations do to a CHECK of a table."""

import sqlalchemy as sa
from alembic import op


def change_check(table: str, name: str, old: str, new: str) -> None:
    """SQLite keeps a CHECK in the table's text: the table is made anew from it, rows and indexes as they were."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, new)
        return
    stored = sa.text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :kind AND sql IS NOT NULL"
    )
    text = bind.execute(stored, {"table": table, "kind": "table"}).scalar_one()
    others = [
        sql for kind in ("index", "trigger") for sql in bind.scalars(stored, {"table": table, "kind": kind})
    ]
    assert old in text, text
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    bind.exec_driver_sql(text.replace(old, new))
    op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before")
    op.execute(f"DROP TABLE {table}_before")
    for sql in others:
        bind.exec_driver_sql(sql)
