"""Keep materials and panels of acceptance reviews; end awards, demand money back, record refunds

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OLD_CHECK = "state IN ('proposed', 'noticed', 'confirmed', 'settled', 'cancelled')"
NEW_CHECK = "state IN ('proposed', 'noticed', 'confirmed', 'settled', 'terminated', 'cancelled')"
STATES = ("demanded", "settled", "withdrawn")


def upgrade() -> None:
    op.add_column("acceptance", sa.Column("resubmitted_at", UTCDateTime(), nullable=True))
    seals.reseal(op.get_bind(), "acceptance", ("resubmitted_at",))
    _create_material()
    _create_clawback()
    _create_refund()
    _change_check(OLD_CHECK, NEW_CHECK)


def downgrade() -> None:
    _change_check(NEW_CHECK, OLD_CHECK)
    for table in ("refund", "clawback", "acceptance_material"):
        op.drop_table(table)
    op.drop_column("acceptance", "resubmitted_at")


def _create_material() -> None:
    op.create_table(
        "acceptance_material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("acceptance_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("attached_by_id", sa.Integer(), nullable=True),
        sa.Column("attached_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["acceptance_id"], ["acceptance.id"], name=op.f("fk_acceptance_material_acceptance_id_acceptance")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_acceptance_material_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["attached_by_id"],
            ["user_account.id"],
            name=op.f("fk_acceptance_material_attached_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance_material")),
    )
    op.create_index("ix_acceptance_material_acceptance_id", "acceptance_material", ["acceptance_id"])


def _create_clawback() -> None:
    op.create_table(
        "clawback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="clawback_state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("document_no", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("demanded_by_id", sa.Integer(), nullable=True),
        sa.Column("demanded_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_clawback_fen")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_clawback_award_id_award")),
        sa.ForeignKeyConstraint(
            ["demanded_by_id"], ["user_account.id"], name=op.f("fk_clawback_demanded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clawback")),
        sa.UniqueConstraint("number", name=op.f("uq_clawback_number")),
    )
    op.create_index("ix_clawback_award_id", "clawback", ["award_id"])
    live = sa.text("state != 'withdrawn'")
    op.create_index(
        "uq_clawback_award", "clawback", ["award_id"], unique=True, sqlite_where=live, postgresql_where=live
    )


def _create_refund() -> None:
    op.create_table(
        "refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clawback_id", sa.Integer(), nullable=False),
        sa.Column("transfer_seq", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.String(length=80), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_refund_fen")),
        sa.ForeignKeyConstraint(
            ["clawback_id"], ["clawback.id"], name=op.f("fk_refund_clawback_id_clawback")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_seq"], ["transfer.seq"], name=op.f("fk_refund_transfer_seq_transfer")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_refund_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("transfer_seq", name=op.f("uq_refund_transfer_seq")),
    )
    op.create_index("ix_refund_clawback_id", "refund", ["clawback_id"])


def _change_check(old: str, new: str) -> None:
    """SQLite cannot change a CHECK; its own manual edits the stored text, which leaves the rows as they are."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute("ALTER TABLE award DROP CONSTRAINT ck_award_award_state")
        op.execute(f"ALTER TABLE award ADD CONSTRAINT ck_award_award_state CHECK ({new})")
        return
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar()
    op.execute("PRAGMA writable_schema=ON")
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'award'"),
        {"old": old, "new": new},
    )
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=OFF")
