"""Keep reported results with their evidence and reporters; points of an indicator; the programme's office as a role

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime
from migrations.steps import append_only, change_check

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = (
    "role IN ('enterprise', 'county', 'regional', 'host', 'office', 'judge', 'recorder', 'due_diligence', "
    "'finance', 'leader', 'supervision', 'sysadmin', 'secadmin', 'auditadmin')"
)
AFTER = BEFORE.replace("'due_diligence', ", "'due_diligence', 'programme', ")
TABLES = ("indicator_report", "indicator_evidence")
ROLES = (("user_account", "ck_user_account_role"), ("invitation", "ck_invitation_role"))


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    for table, name in ROLES:
        change_check(table, name, BEFORE, AFTER)
    op.add_column("indicator", sa.Column("weight", sa.String(length=20), nullable=True))
    seals.reseal(op.get_bind(), "indicator", ("weight",))
    op.create_table(
        "indicator_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("actual_text", sa.Text(), nullable=False),
        sa.Column("actual_value", sa.String(length=40), nullable=True),
        sa.Column("numerator", sa.String(length=40), nullable=True),
        sa.Column("denominator", sa.String(length=40), nullable=True),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.Column("assessed_percent", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        _key("indicator_report", "indicator_id", "indicator"),
        _key("indicator_report", "sheet_id", "stored_file"),
        _key("indicator_report", "author_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_report")),
    )
    op.create_index(op.f("ix_indicator_report_indicator_id"), "indicator_report", ["indicator_id"])
    op.create_table(
        "indicator_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("attached_by_id", sa.Integer(), nullable=False),
        sa.Column("attached_at", UTCDateTime(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        _key("indicator_evidence", "indicator_id", "indicator"),
        _key("indicator_evidence", "file_id", "stored_file"),
        _key("indicator_evidence", "attached_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_evidence")),
    )
    op.create_index(op.f("ix_indicator_evidence_indicator_id"), "indicator_evidence", ["indicator_id"])
    op.create_table(
        "programme_reporter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=False),
        sa.Column("named_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        _key("programme_reporter", "user_id", "user_account"),
        _key("programme_reporter", "named_by_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_reporter")),
    )
    op.create_index(op.f("ix_programme_reporter_user_id"), "programme_reporter", ["user_id"])
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_programme_reporter_open",
        "programme_reporter",
        ["fiscal_year", "programme", "user_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    append_only(*TABLES)


def downgrade() -> None:
    for table in ("programme_reporter", *TABLES):
        op.drop_table(table)
    op.drop_column("indicator", "weight")
    for table, name in ROLES:
        change_check(table, name, AFTER, BEFORE)
