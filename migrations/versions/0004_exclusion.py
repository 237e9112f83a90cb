"""List the units that may not be paid, and refuse to hold money for them

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from core.db import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Frozen copy of what awards.wiring declares.
CONDITION = """NEW.kind = 'hold' AND EXISTS (
  SELECT 1 FROM payment p JOIN payee y ON y.id = p.payee_id JOIN exclusion x ON x.credit_code = y.credit_code
  WHERE p.number = NEW.payment_no AND x.starts_at <= NEW.at AND (x.ends_at IS NULL OR x.ends_at > NEW.at))"""
REASONS = ("dishonest", "abnormal", "deregistered", "accident", "misconduct", "other")


def upgrade() -> None:
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(*REASONS, name="exclusion_reason", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_exclusion_period")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["user_account.id"], name=op.f("fk_exclusion_entered_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
        sa.UniqueConstraint(
            "credit_code", "reason", "starts_at", name=op.f("uq_exclusion_credit_code_reason_starts_at")
        ),
    )
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exclusion_credit_code"), ["credit_code"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER excluded_payee BEFORE INSERT ON transfer WHEN {CONDITION} "
            "BEGIN SELECT RAISE(ABORT, 'excluded_payee'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION excluded_payee() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {CONDITION} THEN "
        "RAISE EXCEPTION 'excluded_payee' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER excluded_payee BEFORE INSERT ON transfer "
        "FOR EACH ROW EXECUTE FUNCTION excluded_payee()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER excluded_payee")
    else:
        op.execute("DROP FUNCTION excluded_payee() CASCADE")
    op.drop_table("exclusion")
