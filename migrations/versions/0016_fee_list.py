"""Keep lists of expert fees

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fee_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column("tax_table", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("tax_fen", sa.BigInteger(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("net_fen > 0 AND tax_fen >= 0", name=op.f("ck_fee_list_sums")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_fee_list_award_id_award")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user_account.id"], name=op.f("fk_fee_list_made_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_list")),
        sa.UniqueConstraint("award_id", name=op.f("uq_fee_list_award_id")),
        sa.UniqueConstraint("number", name=op.f("uq_fee_list_number")),
    )


def downgrade() -> None:
    op.drop_table("fee_list")
