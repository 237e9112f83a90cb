"""Keep interests of reviewers, canned reasons and reviews in bulk; a decision keeps its flags and its checklist

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime
from migrations.steps import change_check

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OLD = "decision IN ('pass', 'return', 'reject', 'confirm')"
NEW = "decision IN ('pass', 'return', 'reject', 'confirm', 'take_back')"
# Frozen copy of what competition.wiring declares.
INTERESTED = """EXISTS (
  SELECT 1 FROM entry e JOIN reviewer_interest i ON i.enterprise_id = e.enterprise_id
  WHERE e.id = NEW.entry_id AND i.user_id = NEW.reviewer_id AND i.ended_at IS NULL)"""


def upgrade() -> None:
    change_check("review_decision", "ck_review_decision_review_decision_kind", OLD, NEW)
    for name in ("flagged_fields", "checklist"):
        op.add_column("review_decision", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    seals.reseal(op.get_bind(), "review_decision", ("flagged_fields", "checklist"))
    _create_interest()
    _create_canned()
    _create_batch()
    _create_item()
    _create_trigger()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER interested_review")
    else:
        op.execute("DROP FUNCTION interested_review() CASCADE")
    for table in ("review_batch_item", "review_batch", "canned_reason", "reviewer_interest"):
        op.drop_table(table)
    op.drop_column("review_decision", "checklist")
    op.drop_column("review_decision", "flagged_fields")
    change_check("review_decision", "ck_review_decision_review_decision_kind", NEW, OLD)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _create_interest() -> None:
    table = "reviewer_interest"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=True),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        _key(table, "enterprise_id", "enterprise"),
        _key(table, "user_id", "user_account"),
        _key(table, "declared_by_id", "user_account"),
        _key(table, "ended_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer_interest")),
    )
    op.create_index("ix_reviewer_interest_user_id", table, ["user_id"])
    op.create_index(
        "uq_reviewer_interest_enterprise_id_user_id",
        table,
        ["enterprise_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _create_canned() -> None:
    op.create_table(
        "canned_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            _enum("review_decision_kind", "pass", "return", "reject", "confirm", "take_back"),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("flagged_fields", sa.JSON(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("retired_at", UTCDateTime(), nullable=True),
        _key("canned_reason", "added_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reason")),
    )


def _create_batch() -> None:
    table = "review_batch"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", _enum("batch_act", "pass", "return", "reject"), nullable=False),
        sa.Column(
            "state",
            _enum("batch_state", "prepared", "running", "done", "taking_back", "taken_back", "dropped"),
            nullable=False,
        ),
        sa.Column("selection", sa.String(length=300), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("flagged_fields", sa.JSON(), nullable=False),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("carried_out_at", UTCDateTime(), nullable=True),
        sa.Column("taken_back_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        _key(table, "created_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_batch")),
    )
    op.create_index("ix_review_batch_created_by_id", table, ["created_by_id"])


def _create_item() -> None:
    table = "review_batch_item"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("back_refusal", sa.String(length=300), nullable=False),
        sa.Column("back_decision_id", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        _key(table, "batch_id", "review_batch"),
        _key(table, "entry_id", "entry"),
        _key(table, "decision_id", "review_decision"),
        _key(table, "back_decision_id", "review_decision"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_batch_item")),
        sa.UniqueConstraint("batch_id", "entry_id", name=op.f("uq_review_batch_item_batch_id_entry_id")),
    )
    op.create_index("ix_review_batch_item_entry_id", table, ["entry_id"])


def _create_trigger() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER interested_review BEFORE INSERT ON review_decision WHEN {INTERESTED} "
            "BEGIN SELECT RAISE(ABORT, 'interested_review'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION interested_review() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF {INTERESTED} THEN "
        "RAISE EXCEPTION 'interested_review' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER interested_review BEFORE INSERT ON review_decision "
        "FOR EACH ROW EXECUTE FUNCTION interested_review()"
    )
