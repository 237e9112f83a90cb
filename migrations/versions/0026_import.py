"""Keep batches of imported entries with their rows

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STATES = (
    *("mapping", "checking", "checked", "refused", "importing"),
    *("stopped", "imported", "undoing", "undone", "discarded"),
)
OUTCOMES = ("new", "changed", "unchanged", "refused")
UNDO = ("", "undone", "kept")


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("head_line", sa.Integer(), nullable=False),
        sa.Column("heads", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="import_state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("imported_at", UTCDateTime(), nullable=True),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_import_batch_{name}_{table}"))
            for name, table in (
                ("edition_id", "edition"),
                ("file_id", "stored_file"),
                ("job_id", "job"),
                ("created_by_id", "user_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_edition_id"), "import_batch", ["edition_id"])
    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("credit_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(*OUTCOMES, name="import_outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("record", "problems", "notes")),
        sa.Column("noted", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("changes", "before")),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("version_number", sa.Integer(), nullable=True),
        sa.Column(
            "undo",
            sa.Enum(*UNDO, name="undo_outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id_import_batch")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_import_row_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "line", name=op.f("uq_import_row_batch_id_line")),
    )
    op.create_index(op.f("ix_import_row_entry_id"), "import_row", ["entry_id"])
    op.create_index("ix_import_row_outcome", "import_row", ["batch_id", "outcome", "line"])


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_batch")
