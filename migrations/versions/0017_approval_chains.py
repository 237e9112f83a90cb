"""Keep the steps of approval chains; refuse second signatures, altered ones, and payments that lack some

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from core import seals

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

THREE = '["reviewer", "finance", "leader"]'
FOUR = '["reviewer", "division", "finance", "leader"]'
# Frozen copies of what awards.wiring declares.
LIVE_STEP = "s.payment_id = p.id AND NOT s.voided AND s.decision = 'approve'"
GUARDS = (
    (
        "signed_twice",
        "INSERT",
        "payment_step",
        f"""NEW.decision = 'approve' AND EXISTS (
  SELECT 1 FROM payment p WHERE p.id = NEW.payment_id AND (
    p.preparer_id = NEW.actor_id
    OR EXISTS (SELECT 1 FROM payment_step s WHERE {LIVE_STEP} AND (s.actor_id = NEW.actor_id OR s.role = NEW.role))
    OR EXISTS (SELECT 1 FROM payment_step s JOIN delegated_step d ON d.step_id = s.id
      JOIN delegation g ON g.id = d.delegation_id WHERE {LIVE_STEP} AND g.principal_id = NEW.actor_id)))""",
    ),
    (
        "delegate_twice",
        "INSERT",
        "delegated_step",
        f"""EXISTS (
  SELECT 1 FROM payment_step n JOIN payment p ON p.id = n.payment_id JOIN delegation g ON g.id = NEW.delegation_id
  WHERE n.id = NEW.step_id AND (
    n.actor_id <> g.delegate_id OR g.principal_id = p.preparer_id
    OR EXISTS (SELECT 1 FROM payment_step s WHERE {LIVE_STEP} AND s.actor_id = g.principal_id)
    OR EXISTS (SELECT 1 FROM payment_step s JOIN delegated_step d ON d.step_id = s.id
      JOIN delegation o ON o.id = d.delegation_id WHERE {LIVE_STEP} AND o.principal_id = g.principal_id)))""",
    ),
    (
        "altered_signature",
        "UPDATE",
        "payment_step",
        """NEW.payment_id <> OLD.payment_id OR NEW.actor_id <> OLD.actor_id OR NEW.role <> OLD.role
  OR NEW.decision <> OLD.decision OR NEW.content_hash <> OLD.content_hash OR NEW.at <> OLD.at
  OR (OLD.voided AND NOT NEW.voided)""",
    ),
    (
        "altered_rule",
        "UPDATE",
        "approval_rule",
        """OLD.ended_at IS NOT NULL OR NEW.from_fen <> OLD.from_fen
  OR CAST(NEW.steps AS TEXT) <> CAST(OLD.steps AS TEXT) OR NEW.minutes <> OLD.minutes
  OR COALESCE(NEW.division_id, 0) <> COALESCE(OLD.division_id, 0)""",
    ),
    (
        "altered_chain",
        "UPDATE",
        "payment_chain",
        """NEW.payment_id <> OLD.payment_id OR NEW.attempt <> OLD.attempt OR NEW.rule_id <> OLD.rule_id
  OR CAST(NEW.steps AS TEXT) <> CAST(OLD.steps AS TEXT) OR NEW.approvals <> OLD.approvals
  OR NEW.minutes <> OLD.minutes OR COALESCE(NEW.division_id, 0) <> COALESCE(OLD.division_id, 0)""",
    ),
    (
        "unsigned_payment",
        "UPDATE",
        "payment",
        """NEW.state IN ('exported', 'paid') AND OLD.state <> NEW.state AND (
  SELECT COUNT(DISTINCT s.actor_id) FROM payment_step s
  WHERE s.payment_id = NEW.id AND NOT s.voided AND s.decision = 'approve')
  < COALESCE((SELECT c.approvals FROM payment_chain c
    WHERE c.payment_id = NEW.id AND c.attempt = NEW.attempt), 3)""",
    ),
)


def upgrade() -> None:
    for table in ("approval_rule", "payment_chain"):
        op.add_column(table, sa.Column("steps", sa.JSON(), nullable=False, server_default=THREE))
        op.execute(f"UPDATE {table} SET steps = '{FOUR}' WHERE division_id IS NOT NULL")
    op.add_column("payment_chain", sa.Column("approvals", sa.Integer(), nullable=False, server_default="3"))
    op.execute("UPDATE payment_chain SET approvals = 4 WHERE division_id IS NOT NULL")
    seals.reseal(op.get_bind(), "approval_rule", ("steps",))
    seals.reseal(op.get_bind(), "payment_chain", ("steps", "approvals"))
    for name, act, table, condition in GUARDS:
        _guard(name, act, table, condition)


def _guard(name: str, act: str, table: str, condition: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {condition} THEN "
        f"RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, _, _, _ in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.drop_column("payment_chain", "approvals")
    for table in ("payment_chain", "approval_rule"):
        op.drop_column(table, "steps")
