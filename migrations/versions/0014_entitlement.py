"""Keep other public support and decided ties; say in a plan what other support means

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LEVELS = ("national", "provincial", "prefecture", "county")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE tier_plan ADD COLUMN double_support VARCHAR(40) DEFAULT 'off' NOT NULL "
        "CONSTRAINT ck_tier_plan_double_support CHECK (double_support IN ('off', 'higher', 'bar'))"
    )
    op.add_column("tier_plan", sa.Column("support_years", sa.Integer(), nullable=False, server_default="1"))
    seals.reseal(op.get_bind(), "tier_plan", ("double_support", "support_years"))
    op.create_table(
        "edge_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.String(length=200), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["tier_plan.id"], name=op.f("fk_edge_decision_plan_id_tier_plan")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_edge_decision_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edge_decision")),
    )
    op.create_index("ix_edge_decision_plan_id", "edge_decision", ["plan_id"])
    op.create_table(
        "other_support",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("programme", sa.String(length=120), nullable=False),
        sa.Column(
            "level",
            sa.Enum(*LEVELS, name="support_level", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("fen > 0 AND year BETWEEN 1990 AND 2200", name=op.f("ck_other_support_shape")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["user_account.id"], name=op.f("fk_other_support_entered_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_support")),
        sa.UniqueConstraint(
            "credit_code",
            "programme",
            "level",
            "year",
            name=op.f("uq_other_support_credit_code_programme_level_year"),
        ),
    )
    op.create_index("ix_other_support_credit_code", "other_support", ["credit_code"])


def downgrade() -> None:
    op.drop_table("other_support")
    op.drop_table("edge_decision")
    op.drop_column("tier_plan", "support_years")
    op.drop_column("tier_plan", "double_support")
