"""Seal whose account it is

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from core.seals import seal_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fund_account", sa.Column("seal", sa.String(length=64), nullable=False, server_default=""))
    bind, account = (
        op.get_bind(),
        sa.table("fund_account", *map(sa.column, ("id", "line_id", "role", "seal"))),
    )
    for row in bind.execute(sa.select(account.c.id, account.c.line_id, account.c.role)).all():
        seal = seal_of("fund_account", {"line_id": row.line_id, "role": row.role})
        bind.execute(sa.update(account).where(account.c.id == row.id).values(seal=seal))
    if bind.dialect.name == "postgresql":
        op.alter_column("fund_account", "seal", server_default=None)


def downgrade() -> None:
    op.drop_column("fund_account", "seal")
