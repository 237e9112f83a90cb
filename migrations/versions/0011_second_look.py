"""Keep second looks by fresh judges, apart from the official sheets

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATES = ("asked", "given", "declined")
KEYS = {"ranking_id": "ranking", "diagnosis_id": "diagnosis", "entry_id": "entry", "judge_id": "judge"}


def upgrade() -> None:
    op.create_table(
        "second_look",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in KEYS),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="look_state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("total_hundredths", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("total_hundredths BETWEEN 0 AND 10000", name=op.f("ck_second_look_total")),
        sa.CheckConstraint(
            "(state = 'given') = (total_hundredths IS NOT NULL)", name=op.f("ck_second_look_given")
        ),
        sa.CheckConstraint("(state = 'asked') = (closed_at IS NULL)", name=op.f("ck_second_look_closed")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user_account.id"], name=op.f("fk_second_look_asked_by_id_user_account")
        ),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_second_look_{name}_{table}"))
            for name, table in KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint(
            "ranking_id", "entry_id", "judge_id", name=op.f("uq_second_look_ranking_id_entry_id_judge_id")
        ),
    )
    op.create_index(op.f("ix_second_look_entry_id"), "second_look", ["entry_id"])
    op.create_index(op.f("ix_second_look_judge_id"), "second_look", ["judge_id"])


def downgrade() -> None:
    op.drop_table("second_look")
