"""Raise anomaly flags about related parties

Revision ID: 0020
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = "kind IN ('lifted', 'lowered', 'careless', 'flat', 'lenient', 'severe', 'rogue', 'ring', 'copying')"
WITH_RELATED = KINDS.replace("'copying')", "'copying', 'related')")


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


def upgrade() -> None:
    change_check("anomaly_flag", "ck_anomaly_flag_kind", KINDS, WITH_RELATED)


def downgrade() -> None:
    op.execute("DELETE FROM anomaly_flag WHERE kind = 'related'")
    change_check("anomaly_flag", "ck_anomaly_flag_kind", WITH_RELATED, KINDS)
