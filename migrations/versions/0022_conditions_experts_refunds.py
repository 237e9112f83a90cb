"""Wait for months and checks; pay experts themselves; give money back to the treasury; keep how accounts were cleared

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime
from migrations.steps import append_only

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# table, constraint, column, values before, values added
KINDS = "'prize', 'organiser', 'work_fund', 'event_cost'"
CHECKS = (
    ("payee", "payee_kind", "kind", "'enterprise', 'bureau', 'host'", "'expert', 'treasury'"),
    ("award", "award_kind", "kind", KINDS, "'treasury'"),
    ("tier", "award_kind", "kind", KINDS, "'treasury'"),
    ("payment", "channel", "channel", "'direct', 'authorised', 'index_transfer'", "'refund'"),
    (
        "instalment",
        "instalment_condition",
        "condition",
        "'notice_over', 'contract_signed', 'acceptance_passed'",
        "'months_passed', 'check_passed'",
    ),
)
CONDITIONS = "'notice_over', 'contract_signed', 'acceptance_passed', 'months_passed', 'check_passed'"
# Frozen copies of what awards.wiring declared before and declares now.
UNLAWFUL = """NEW.kind IN ({kinds}) AND EXISTS (
  SELECT 1 FROM payment p JOIN instalment i ON i.id = p.instalment_id JOIN award a ON a.id = i.award_id
  LEFT JOIN notice n ON n.id = a.notice_id
  WHERE p.number = NEW.payment_no AND (
    a.state NOT IN ('confirmed', 'settled')
    OR (NOT a.item_carried AND a.kind NOT IN ({unnoticed})
      AND (n.id IS NULL OR n.state NOT IN ('closed', 'final')))
    OR EXISTS (SELECT 1 FROM objection o WHERE o.notice_id = a.notice_id
      AND o.state IN ('received', 'investigating') AND o.objector_kind <> 'anonymous'
      AND (o.entry_id IS NULL OR o.entry_id = a.entry_id))
    OR (i.condition = 'contract_signed' AND NOT EXISTS (
      SELECT 1 FROM task_book b WHERE b.award_id = a.id AND b.state = 'signed'))
    OR (i.condition = 'acceptance_passed' AND NOT EXISTS (
      SELECT 1 FROM acceptance c WHERE c.award_id = a.id AND c.state = 'passed')){more}
  ))"""
MORE = """
    OR (i.months > 0 AND (i.due_at IS NULL OR i.due_at > NEW.at))
    OR (i.condition = 'check_passed' AND NOT EXISTS (
      SELECT 1 FROM operating_check k WHERE k.award_id = a.id AND k.passed
        AND k.id = (SELECT MAX(l.id) FROM operating_check l WHERE l.award_id = a.id)))"""
BEFORE = {"kinds": "'hold', 'pay'", "unnoticed": "'event_cost', 'work_fund'", "more": ""}
NOW = {
    "kinds": "'hold', 'pay', 'return'",
    "unnoticed": "'event_cost', 'work_fund', 'treasury'",
    "more": MORE,
}
STALE = """NEW.state = 'exported' AND OLD.state <> 'exported' AND NEW.account_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM payee_account a WHERE a.id = NEW.account_id AND a.payee_id = NEW.payee_id AND a.state = 'verified')"""
# Columns that both databases take with their constraints: (table, column, what it is).
ADDED = (
    (
        "tier",
        "tail_condition",
        "VARCHAR(40) DEFAULT 'acceptance_passed' NOT NULL "
        f"CONSTRAINT ck_tier_instalment_condition CHECK (tail_condition IN ({CONDITIONS}))",
    ),
    (
        "tier",
        "tail_months",
        "INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_tier_tail CHECK (tail_months BETWEEN 0 AND 120)",
    ),
    (
        "instalment",
        "months",
        "INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_instalment_months CHECK (months BETWEEN 0 AND 120)",
    ),
    (
        "payee",
        "judge_id",
        "INTEGER CONSTRAINT fk_payee_judge_id_judge REFERENCES judge (id) "
        "CONSTRAINT ck_payee_identity CHECK ((judge_id IS NULL) <> (credit_code IS NULL))",
    ),
)


def upgrade() -> None:
    for table, name, column, before, added in CHECKS:
        change_check(table, name, f"{column} IN ({before})", f"{column} IN ({before}, {added})")
    loosen("payee", "credit_code", "VARCHAR(18)")
    loosen("fee_list", "award_id", "INTEGER")
    for table, column, shape in ADDED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {shape}")
    op.add_column("instalment", sa.Column("due_at", UTCDateTime(), nullable=True))
    op.create_index("uq_payee_judge", "payee", ["judge_id"], unique=True)
    op.add_column(
        "payee_account", sa.Column("doubts_note", sa.String(200), nullable=False, server_default="")
    )
    op.add_column("fee_list", sa.Column("direct", sa.Boolean(), nullable=False, server_default=sa.false()))
    seals.reseal(op.get_bind(), "tier", ("tail_condition", "tail_months"))
    seals.reseal(op.get_bind(), "instalment", ("months", "due_at"))
    seals.reseal(op.get_bind(), "payee", ("judge_id",))
    seals.reseal(op.get_bind(), "payee_account", ("doubts_note",))
    seals.reseal(op.get_bind(), "fee_list", ("direct",))
    _create_tables()
    replace_unlawful(NOW)
    guard("stale_account", "UPDATE", "payment", STALE)


def _create_tables() -> None:
    op.create_table(
        "operating_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("resident", sa.Boolean(), nullable=False),
        sa.Column("operating", sa.Boolean(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("passed = (resident AND operating)", name=op.f("ck_operating_check_passed")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_operating_check_award_id_award")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_operating_check_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["user_account.id"],
            name=op.f("fk_operating_check_recorded_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operating_check")),
    )
    op.create_index("ix_operating_check_award_id", "operating_check", ["award_id"])
    append_only("operating_check")
    op.create_table(
        "fee_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fee_list_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_fee_part_award_id_award")),
        sa.ForeignKeyConstraint(
            ["fee_list_id"], ["fee_list.id"], name=op.f("fk_fee_part_fee_list_id_fee_list")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_part")),
        sa.UniqueConstraint("award_id", name=op.f("uq_fee_part_award_id")),
        sa.UniqueConstraint("fee_list_id", "seq", name=op.f("uq_fee_part_fee_list_id_seq")),
    )


def downgrade() -> None:
    drop_guard("stale_account")
    replace_unlawful(BEFORE)
    op.drop_table("fee_part")
    op.drop_table("operating_check")
    op.drop_column("fee_list", "direct")
    op.drop_column("payee_account", "doubts_note")
    op.drop_index("uq_payee_judge", "payee")
    op.drop_column("instalment", "due_at")
    for table, column, _ in ADDED:
        op.drop_column(table, column)
    loosen("fee_list", "award_id", "INTEGER", back=True)
    loosen("payee", "credit_code", "VARCHAR(18)", back=True)
    for table, name, column, before, added in CHECKS:
        change_check(table, name, f"{column} IN ({before}, {added})", f"{column} IN ({before})")


def change_check(table: str, name: str, old: str, new: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, new)
    else:
        edit(table, old, new)


def loosen(table: str, column: str, kind: str, *, back: bool = False) -> None:
    """The column may be empty; or, going back, may not."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, column, nullable=not back)
        return
    held, free = f"\t{column} {kind} NOT NULL", f"\t{column} {kind}"
    edit(table, *((free, held) if back else (held, free)))


def edit(table: str, old: str, new: str) -> None:
    """SQLite cannot change a constraint; its own manual edits the stored text, which leaves the rows as they are."""
    bind = op.get_bind()
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar()
    op.execute("PRAGMA writable_schema=ON")
    named = {"table": table, "old": old, "new": new}
    text = "sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :table AND instr(sql, :old) > 0"
    changed = bind.execute(sa.text(f"UPDATE sqlite_master SET {text}"), named)
    assert changed.rowcount == 1, (table, old)
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=OFF")


def replace_unlawful(words: dict[str, str]) -> None:
    condition = UNLAWFUL.format(**words)
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


def guard(name: str, act: str, table: str, condition: str) -> None:
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


def drop_guard(name: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute(f"DROP FUNCTION {name}() CASCADE")
