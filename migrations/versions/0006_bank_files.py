"""Keep bank formats, exports of batches and the bank's answers; a batch can be void

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime
from migrations.steps import change_check

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'exported', 'settled')"
WITH_VOID = "state IN ('draft', 'exported', 'settled', 'void')"


def upgrade() -> None:
    change_check("payment_batch", "ck_payment_batch_batch_state", STATES, WITH_VOID)
    op.create_table(
        "bank_format",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "sheet",
            sa.Enum("xlsx", "csv", name="sheet_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("header", sa.Boolean(), nullable=False),
        sa.Column(
            "amount_unit",
            sa.Enum("yuan", "fen", name="amount_unit", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("date_format", sa.String(length=20), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("answer_header", sa.Boolean(), nullable=False),
        sa.Column("answer_columns", sa.JSON(), nullable=False),
        sa.Column("paid_words", sa.String(length=200), nullable=False),
        sa.Column("failed_words", sa.String(length=200), nullable=False),
        sa.Column("payer_name", sa.String(length=120), nullable=False),
        sa.Column("payer_account", sa.String(length=40), nullable=False),
        sa.Column("payer_bank", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user_account.id"], name=op.f("fk_bank_format_changed_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_format")),
        sa.UniqueConstraint("name", name=op.f("uq_bank_format_name")),
    )
    op.create_table(
        "bank_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "read",
                "confirmed",
                "discarded",
                name="result_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("read_by_id", sa.Integer(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_at IS NOT NULL)", name=op.f("ck_bank_result_confirmed")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payment_batch.id"], name=op.f("fk_bank_result_batch_id_payment_batch")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user_account.id"], name=op.f("fk_bank_result_confirmed_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_bank_result_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["read_by_id"], ["user_account.id"], name=op.f("fk_bank_result_read_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_result")),
        sa.UniqueConstraint("batch_id", "sha256", name=op.f("uq_bank_result_batch_id_sha256")),
    )
    op.create_table(
        "batch_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("format_id", sa.Integer(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("exported_by_id", sa.Integer(), nullable=False),
        sa.Column("exported_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["payment_batch.id"], name=op.f("fk_batch_export_batch_id_payment_batch")
        ),
        sa.ForeignKeyConstraint(
            ["exported_by_id"], ["user_account.id"], name=op.f("fk_batch_export_exported_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_batch_export_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["format_id"], ["bank_format.id"], name=op.f("fk_batch_export_format_id_bank_format")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_export")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_batch_export_batch_id")),
    )
    op.create_table(
        "bank_result_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "paid",
                "failed",
                "repeated",
                "pending",
                "missing",
                "doubled",
                "differs",
                "unknown",
                "blocked",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("line_key", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolution = '')", name=op.f("ck_bank_result_line_resolution")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_bank_result_line_payment_id_payment")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"],
            ["user_account.id"],
            name=op.f("fk_bank_result_line_resolved_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["bank_result.id"], name=op.f("fk_bank_result_line_result_id_bank_result")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_result_line")),
    )
    with op.batch_alter_table("bank_result_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_result_line_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_result_line_result_id"), ["result_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("bank_result_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_result_line_result_id"))
        batch_op.drop_index(batch_op.f("ix_bank_result_line_payment_id"))

    op.drop_table("bank_result_line")
    op.drop_table("batch_export")
    op.drop_table("bank_result")
    op.drop_table("bank_format")
    change_check("payment_batch", "ck_payment_batch_batch_state", WITH_VOID, STATES)
