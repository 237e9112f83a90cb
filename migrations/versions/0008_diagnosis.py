"""Keep diagnoses of rankings, and what was declared of the rooms before scoring

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime
from migrations.steps import append_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

METHODS = ("none", "standard", "coefficient")
TABLES = ("diagnosis", "room_declaration")


def upgrade() -> None:
    _create_declarations()
    _create_diagnoses()
    append_only(*TABLES)


def _create_declarations() -> None:
    op.create_table(
        "room_declaration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(*METHODS, name="normalising", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=True),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("basis <> ''", name=op.f("ck_room_declaration_basis")),
        sa.CheckConstraint("drawn OR method = 'none'", name=op.f("ck_room_declaration_drawn")),
        sa.ForeignKeyConstraint(
            ["declared_by_id"],
            ["user_account.id"],
            name=op.f("fk_room_declaration_declared_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_room_declaration_stage_id_stage")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_declaration")),
    )
    op.create_index(op.f("ix_room_declaration_stage_id"), "room_declaration", ["stage_id"])


def _create_diagnoses() -> None:
    op.create_table(
        "diagnosis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ranking_id", sa.Integer(), nullable=False),
        sa.Column("formulas", sa.String(length=40), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("draws", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("context_hash", sa.String(length=64), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("computed_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("places > 0 AND draws > 0 AND seed >= 0", name=op.f("ck_diagnosis_counts")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user_account.id"], name=op.f("fk_diagnosis_asked_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["ranking_id"], ["ranking.id"], name=op.f("fk_diagnosis_ranking_id_ranking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnosis")),
    )
    op.create_index(op.f("ix_diagnosis_ranking_id"), "diagnosis", ["ranking_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
