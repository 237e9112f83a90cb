"""Take up objections after the period, revoke certificates, hold money for awards that stand only

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from core import seals

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Frozen copies of what awards.wiring declared before and declares now.
CONDITION = """NEW.kind IN ('hold', 'pay') AND EXISTS (
  SELECT 1 FROM payment p JOIN instalment i ON i.id = p.instalment_id JOIN award a ON a.id = i.award_id
  LEFT JOIN notice n ON n.id = a.notice_id
  WHERE p.number = NEW.payment_no AND ({standing}
    (NOT a.item_carried AND a.kind NOT IN ('event_cost', 'work_fund')
      AND (n.id IS NULL OR n.state NOT IN ('closed', 'final')))
    OR EXISTS (SELECT 1 FROM objection o WHERE o.notice_id = a.notice_id
      AND o.state IN ('received', 'investigating') AND o.objector_kind <> 'anonymous'
      AND (o.entry_id IS NULL OR o.entry_id = a.entry_id))
    OR (i.condition = 'contract_signed' AND NOT EXISTS (
      SELECT 1 FROM task_book b WHERE b.award_id = a.id AND b.state = 'signed'))
    OR (i.condition = 'acceptance_passed' AND NOT EXISTS (
      SELECT 1 FROM acceptance c WHERE c.award_id = a.id AND c.state = 'passed'))
  ))"""
STANDING = """
    a.state NOT IN ('confirmed', 'settled') OR"""
LIVE = "revoked_at IS NULL"


def upgrade() -> None:
    op.add_column("objection", sa.Column("late_reason", sa.Text(), nullable=False, server_default=""))
    seals.reseal(op.get_bind(), "objection", ("late_reason",))
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_constraint("uq_certificate_award_id", type_="unique")
    op.create_index("ix_certificate_award_id", "certificate", ["award_id"])
    live = sa.text(LIVE)
    op.create_index(
        "uq_certificate_award",
        "certificate",
        ["award_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    _replace_trigger(STANDING)


def downgrade() -> None:
    _replace_trigger("")
    op.drop_index("uq_certificate_award", "certificate")
    op.drop_index("ix_certificate_award_id", "certificate")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_unique_constraint("uq_certificate_award_id", ["award_id"])
    op.drop_column("objection", "late_reason")


def _replace_trigger(standing: str) -> None:
    condition = CONDITION.replace("{standing}", standing)
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
