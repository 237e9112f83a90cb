"""Mark criteria out of ten, seat a second panel, say whether second looks count; freeze rules at the first score

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from core import seals

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Frozen copy of what judging.wiring declares.
SCORED_CRITERION = """(NEW.mode <> OLD.mode OR NEW.max_hundredths <> OLD.max_hundredths OR NEW.code <> OLD.code)
  AND EXISTS (SELECT 1 FROM score WHERE score.criterion_id = NEW.id)"""
SCORED_STAGE = """(NEW.aggregation <> OLD.aggregation OR NEW.drop_high <> OLD.drop_high
  OR NEW.drop_low <> OLD.drop_low OR NEW.round_first <> OLD.round_first OR NEW.score_step <> OLD.score_step
  OR NEW.panel_size <> OLD.panel_size OR CAST(NEW.tie_chain AS TEXT) <> CAST(OLD.tie_chain AS TEXT)
  OR CAST(NEW.second_panel AS TEXT) <> CAST(OLD.second_panel AS TEXT)
  OR CAST(NEW.second_look AS TEXT) <> CAST(OLD.second_look AS TEXT))
  AND EXISTS (SELECT 1 FROM judging_session s JOIN run r ON r.session_id = s.id JOIN sheet h ON h.run_id = r.id
    WHERE s.stage_id = NEW.id AND h.state IN ('draft', 'submitted'))"""
GUARDS = (("scored_criterion", "criterion", SCORED_CRITERION), ("scored_stage", "stage", SCORED_STAGE))


def upgrade() -> None:
    op.execute(
        "ALTER TABLE criterion ADD COLUMN mode VARCHAR(40) DEFAULT 'points' NOT NULL "
        "CONSTRAINT ck_criterion_criterion_mode CHECK (mode IN ('points', 'ten_point'))"
    )
    op.execute(
        "ALTER TABLE seat ADD COLUMN panel VARCHAR(40) DEFAULT 'main' NOT NULL "
        "CONSTRAINT ck_seat_seat_panel CHECK (panel IN ('main', 'second'))"
    )
    for name in ("second_panel", "second_look"):
        op.add_column("stage", sa.Column(name, sa.JSON(), nullable=False, server_default="{}"))
    seals.reseal(op.get_bind(), "criterion", ("mode",))
    seals.reseal(op.get_bind(), "seat", ("panel",))
    seals.reseal(op.get_bind(), "stage", ("second_panel", "second_look"))
    for name, table, condition in GUARDS:
        _guard(name, table, condition)


def _guard(name: str, table: str, condition: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {condition} THEN "
        f"RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, _, _ in GUARDS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    for name in ("second_look", "second_panel"):
        op.drop_column("stage", name)
    op.drop_column("seat", "panel")
    op.drop_column("criterion", "mode")
