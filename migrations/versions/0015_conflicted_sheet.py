"""Refuse sheets and scores of judges with a conflict of interest

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Frozen copy of what judging.wiring declares.
CONFLICTED = """EXISTS (
  SELECT 1 FROM run r JOIN seat s ON s.id = NEW.seat_id
  JOIN judge_conflict c ON c.entry_id = r.entry_id AND c.judge_id = s.judge_id
  WHERE r.id = NEW.run_id)"""
GUARDS = (
    ("conflicted_sheet", "INSERT", f"NEW.state <> 'recused' AND {CONFLICTED}"),
    ("conflicted_score", "UPDATE", f"NEW.state = 'submitted' AND {CONFLICTED}"),
)


def upgrade() -> None:
    for name, act, condition in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON sheet WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON sheet FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, _, _ in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP FUNCTION {name}() CASCADE")
