"""Keep task books, and hold the first payment for the signed one where a tier asks for it

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Frozen copies of what awards.wiring declared before and declares now.
CONDITION = """NEW.kind IN ('hold', 'pay') AND EXISTS (
  SELECT 1 FROM payment p JOIN instalment i ON i.id = p.instalment_id JOIN award a ON a.id = i.award_id
  LEFT JOIN notice n ON n.id = a.notice_id
  WHERE p.number = NEW.payment_no AND (
    (NOT a.item_carried AND a.kind NOT IN ('event_cost', 'work_fund')
      AND (n.id IS NULL OR n.state NOT IN ('closed', 'final')))
    OR EXISTS (SELECT 1 FROM objection o WHERE o.notice_id = a.notice_id
      AND o.state IN ('received', 'investigating') AND o.objector_kind <> 'anonymous'
      AND (o.entry_id IS NULL OR o.entry_id = a.entry_id)){contract}
    OR (i.condition = 'acceptance_passed' AND NOT EXISTS (
      SELECT 1 FROM acceptance c WHERE c.award_id = a.id AND c.state = 'passed'))
  ))"""
CONTRACT = """
    OR (i.condition = 'contract_signed' AND NOT EXISTS (
      SELECT 1 FROM task_book b WHERE b.award_id = a.id AND b.state = 'signed'))"""
OLD_CHECK = "condition IN ('notice_over', 'acceptance_passed')"
NEW_CHECK = "condition IN ('notice_over', 'contract_signed', 'acceptance_passed')"
SIGNED = (
    "state <> 'signed' OR (scan_id IS NOT NULL AND unit_signed_on IS NOT NULL"
    " AND office_signed_on IS NOT NULL AND unit_signatory <> '' AND office_signatory <> '')"
)


def upgrade() -> None:
    _create_task_book()
    op.add_column(
        "tier", sa.Column("needs_contract", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    seals.reseal(op.get_bind(), "tier", ("needs_contract",))
    _change_check(OLD_CHECK, NEW_CHECK)
    _replace_trigger(CONTRACT)


def downgrade() -> None:
    _replace_trigger("")
    _change_check(NEW_CHECK, OLD_CHECK)
    op.drop_column("tier", "needs_contract")
    op.drop_table("task_book")


def _create_task_book() -> None:
    op.create_table(
        "task_book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "issued",
                "signed",
                "void",
                name="task_book_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("drafted_by_id", sa.Integer(), nullable=True),
        sa.Column("drafted_at", UTCDateTime(), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=True),
        sa.Column("scan_id", sa.Integer(), nullable=True),
        sa.Column("scanned_at", UTCDateTime(), nullable=True),
        sa.Column("unit_signatory", sa.String(length=60), nullable=False),
        sa.Column("unit_signed_on", sa.Date(), nullable=True),
        sa.Column("office_signatory", sa.String(length=60), nullable=False),
        sa.Column("office_signed_on", sa.Date(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_task_book_period")),
        sa.CheckConstraint(
            "state IN ('draft', 'void') OR content_hash <> ''", name=op.f("ck_task_book_issued")
        ),
        sa.CheckConstraint(SIGNED, name=op.f("ck_task_book_signed")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_task_book_award_id_award")),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["user_account.id"], name=op.f("fk_task_book_drafted_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["stored_file.id"], name=op.f("fk_task_book_scan_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_book")),
        sa.UniqueConstraint("number", name=op.f("uq_task_book_number")),
        sa.UniqueConstraint("code", name=op.f("uq_task_book_code")),
    )
    op.create_index("ix_task_book_award_id", "task_book", ["award_id"])
    live = sa.text("state != 'void'")
    op.create_index(
        "uq_task_book_award", "task_book", ["award_id"], unique=True, sqlite_where=live, postgresql_where=live
    )


def _change_check(old: str, new: str) -> None:
    """SQLite cannot change a CHECK; its own manual edits the stored text, which leaves the rows as they are."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute("ALTER TABLE instalment DROP CONSTRAINT ck_instalment_instalment_condition")
        op.execute(f"ALTER TABLE instalment ADD CONSTRAINT ck_instalment_instalment_condition CHECK ({new})")
        return
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar()
    op.execute("PRAGMA writable_schema=ON")
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE name = 'instalment'"),
        {"old": old, "new": new},
    )
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=OFF")


def _replace_trigger(contract: str) -> None:
    condition = CONDITION.replace("{contract}", contract)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER unlawful_money")
        op.execute(
            f"CREATE TRIGGER unlawful_money BEFORE INSERT ON transfer WHEN {condition} "
            "BEGIN SELECT RAISE(ABORT, 'unlawful_money'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION unlawful_money() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {condition} THEN "
        "RAISE EXCEPTION 'unlawful_money' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
