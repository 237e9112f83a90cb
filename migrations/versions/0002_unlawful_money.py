"""Refuse holds and payments whose notice or acceptance is not done

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Frozen copy of what awards.wiring declares.
CONDITION = """NEW.kind IN ('hold', 'pay') AND EXISTS (
  SELECT 1 FROM payment p JOIN instalment i ON i.id = p.instalment_id JOIN award a ON a.id = i.award_id
  LEFT JOIN notice n ON n.id = a.notice_id
  WHERE p.number = NEW.payment_no AND (
    (NOT a.item_carried AND a.kind NOT IN ('event_cost', 'work_fund')
      AND (n.id IS NULL OR n.state NOT IN ('closed', 'final')))
    OR EXISTS (SELECT 1 FROM objection o WHERE o.notice_id = a.notice_id
      AND o.state IN ('received', 'investigating') AND o.objector_kind <> 'anonymous'
      AND (o.entry_id IS NULL OR o.entry_id = a.entry_id))
    OR (i.condition = 'acceptance_passed' AND NOT EXISTS (
      SELECT 1 FROM acceptance c WHERE c.award_id = a.id AND c.state = 'passed'))
  ))"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER unlawful_money BEFORE INSERT ON transfer WHEN {CONDITION} "
            "BEGIN SELECT RAISE(ABORT, 'unlawful_money'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION unlawful_money() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {CONDITION} THEN "
        "RAISE EXCEPTION 'unlawful_money' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER unlawful_money BEFORE INSERT ON transfer "
        "FOR EACH ROW EXECUTE FUNCTION unlawful_money()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER unlawful_money")
    else:
        op.execute("DROP FUNCTION unlawful_money() CASCADE")
