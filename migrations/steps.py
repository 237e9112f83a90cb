"""What several migrations do: change a CHECK on both databases, make a table append-only."""

import sqlalchemy as sa
from alembic import op


def change_check(table: str, name: str, old: str, new: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, new)
    else:
        made_anew(table, (old, new))


def made_anew(table: str, *changes: tuple[str, str], columns: str = "*") -> None:
    """SQLite keeps constraints in the table's text: it is made anew from that, rows, indexes, triggers as they were.

    `columns` other than '*' copies the columns of the new text by name.
    """
    bind = op.get_bind()
    stored = sa.text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :kind AND sql IS NOT NULL"
    )
    text = bind.execute(stored, {"table": table, "kind": "table"}).scalar_one()
    others = [
        sql for kind in ("index", "trigger") for sql in bind.scalars(stored, {"table": table, "kind": kind})
    ]
    for old, new in changes:
        assert old in text, text
        text = text.replace(old, new)
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    bind.exec_driver_sql(text)
    if columns != "*":
        names = [row[1] for row in bind.exec_driver_sql(f"PRAGMA table_info({table})")]
        columns = ", ".join(f'"{name}"' for name in names)
    op.execute(f"INSERT INTO {table} SELECT {columns} FROM {table}_before")
    op.execute(f"DROP TABLE {table}_before")
    for sql in others:
        bind.exec_driver_sql(sql)


def append_only(*tables: str) -> None:
    """The statements of `core.triggers`; dropped with their table."""
    for table in tables:
        for act in ("update", "delete"):
            head = f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
            if op.get_bind().dialect.name == "postgresql":
                op.execute(head + "FOR EACH ROW EXECUTE FUNCTION refuse_change()")
            else:
                op.execute(head + "BEGIN SELECT RAISE(ABORT, 'append only table'); END")
