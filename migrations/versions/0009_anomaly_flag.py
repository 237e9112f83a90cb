"""Keep the anomaly flags of rankings with what people decided about them

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KINDS = ("lifted", "lowered", "careless", "flat", "lenient", "severe", "rogue", "ring", "copying")
STATES = ("open", "asked", "answered", "referred", "dismissed", "upheld")


def _enum(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "anomaly_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ranking_id", sa.Integer(), nullable=False),
        sa.Column("diagnosis_id", sa.Integer(), nullable=False),
        sa.Column("kind", _enum(KINDS, "kind"), nullable=False),
        sa.Column("finding", sa.String(length=64), nullable=False),
        sa.Column("judges", sa.JSON(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("at_cut", sa.JSON(), nullable=False),
        sa.Column("measure", sa.JSON(), nullable=False),
        sa.Column("state", _enum(STATES, "flag_state"), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state = 'open' OR decided_at IS NOT NULL", name=op.f("ck_anomaly_flag_decided")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_anomaly_flag_decided_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["diagnosis_id"], ["diagnosis.id"], name=op.f("fk_anomaly_flag_diagnosis_id_diagnosis")
        ),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["ranking.id"], name=op.f("fk_anomaly_flag_ranking_id_ranking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomaly_flag")),
        sa.UniqueConstraint("ranking_id", "finding", name=op.f("uq_anomaly_flag_ranking_id_finding")),
    )


def downgrade() -> None:
    op.drop_table("anomaly_flag")
