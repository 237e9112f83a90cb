"""Approve by rules of amount: chains frozen on payments, minutes, delegations

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime
from migrations.steps import change_check

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATES = (
    "state IN ('draft', 'submitted', 'reviewed', 'finance_ok', "
    "'leader_ok', 'exported', 'paid', 'bounced', 'cancelled')"
)
WITH_DIVISION = STATES.replace("'reviewed', ", "'reviewed', 'division_ok', ")


def upgrade() -> None:
    change_check("payment", "ck_payment_payment_state", STATES, WITH_DIVISION)
    op.create_table(
        "approval_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_fen", sa.BigInteger(), nullable=False),
        sa.Column("division_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Boolean(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("from_fen >= 0", name=op.f("ck_approval_rule_from")),
        sa.ForeignKeyConstraint(
            ["division_id"], ["user_account.id"], name=op.f("fk_approval_rule_division_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user_account.id"], name=op.f("fk_approval_rule_made_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_rule")),
    )
    with op.batch_alter_table("approval_rule", schema=None) as batch_op:
        batch_op.create_index(
            "uq_approval_rule_from_fen",
            ["from_fen"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_delegation_days")),
        sa.CheckConstraint("principal_id <> delegate_id", name=op.f("ck_delegation_two_persons")),
        sa.ForeignKeyConstraint(
            ["delegate_id"], ["user_account.id"], name=op.f("fk_delegation_delegate_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["user_account.id"], name=op.f("fk_delegation_principal_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegation_delegate_id"), ["delegate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delegation_principal_id"), ["principal_id"], unique=False)

    op.create_table(
        "payment_chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("division_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Boolean(), nullable=False),
        sa.Column("minutes_no", sa.String(length=80), nullable=False),
        sa.Column("minutes_file_id", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["division_id"], ["user_account.id"], name=op.f("fk_payment_chain_division_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["minutes_file_id"], ["stored_file.id"], name=op.f("fk_payment_chain_minutes_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_chain_payment_id_payment")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["approval_rule.id"], name=op.f("fk_payment_chain_rule_id_approval_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_chain")),
        sa.UniqueConstraint("payment_id", "attempt", name=op.f("uq_payment_chain_payment_id_attempt")),
    )
    op.create_table(
        "delegated_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("delegation_id", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegation_id"], ["delegation.id"], name=op.f("fk_delegated_step_delegation_id_delegation")
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["payment_step.id"], name=op.f("fk_delegated_step_step_id_payment_step")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegated_step")),
        sa.UniqueConstraint("step_id", name=op.f("uq_delegated_step_step_id")),
    )
    with op.batch_alter_table("delegated_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegated_step_delegation_id"), ["delegation_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("delegated_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegated_step_delegation_id"))

    op.drop_table("delegated_step")
    op.drop_table("payment_chain")
    with op.batch_alter_table("delegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delegation_principal_id"))
        batch_op.drop_index(batch_op.f("ix_delegation_delegate_id"))

    op.drop_table("delegation")
    with op.batch_alter_table("approval_rule", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_approval_rule_from_fen",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("approval_rule")
    change_check("payment", "ck_payment_payment_state", WITH_DIVISION, STATES)
