"""Keep the goal of a year and what became of it

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime
from migrations.steps import append_only

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "annual_goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("actual", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("filed_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_annual_goal_author_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_goal")),
    )
    op.create_index(op.f("ix_annual_goal_fiscal_year"), "annual_goal", ["fiscal_year"])
    append_only("annual_goal")


def downgrade() -> None:
    op.drop_table("annual_goal")
