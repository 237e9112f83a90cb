"""Publish the heads of the chains daily

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime
from migrations.steps import append_only

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_head")),
        sa.UniqueConstraint("day", "chain", name=op.f("uq_published_head_day_chain")),
    )
    append_only("published_head")


def downgrade() -> None:
    op.drop_table("published_head")
