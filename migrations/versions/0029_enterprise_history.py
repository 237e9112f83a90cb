"""The register of past awards kept on pages; where enterprises come from

Revision ID: 0029
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KINDS, STATES = ("team", "predecessor"), ("stated", "confirmed", "refused")


def words(name: str, members: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    for name, length in (("name", 120), ("source", 200)):
        op.add_column("past_award", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column("past_award", sa.Column("withdrawn_at", UTCDateTime(), nullable=True))
    seals.reseal(op.get_bind(), "past_award", ("name", "source", "withdrawn_at"))
    op.create_table(
        "lineage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("kind", words("lineage_kind", KINDS), nullable=False),
        sa.Column("state", words("lineage_state", STATES), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("contest", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(length=120), nullable=False),
        sa.Column("leader", sa.String(length=60), nullable=False),
        sa.Column("stated_by_id", sa.Integer(), nullable=False),
        sa.Column("stated_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_lineage_{name}_{table}"))
            for name, table in (
                ("enterprise_id", "enterprise"),
                ("stated_by_id", "user_account"),
                ("decided_by_id", "user_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage")),
    )
    op.create_index(op.f("ix_lineage_enterprise_id"), "lineage", ["enterprise_id"])


def downgrade() -> None:
    op.drop_table("lineage")
    for name in ("withdrawn_at", "source", "name"):
        op.drop_column("past_award", name)
