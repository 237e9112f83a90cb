"""Change published rules; rooms shared by tracks, criteria of a round, limits of texts

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from core import seals
from core.db import UTCDateTime
from migrations.steps import made_anew

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STATES = ("drafting", "proposed", "published", "withdrawn")


OLD_UNIQUE = 'CONSTRAINT uq_criterion_edition_id_group_code UNIQUE (edition_id, "group", code)'
NEW_UNIQUE = (
    'CONSTRAINT uq_criterion_edition_id_stage_id_group_code UNIQUE (edition_id, stage_id, "group", code)'
)


def add_reference(table: str, column: str, other: str) -> None:
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
        f"CONSTRAINT fk_{table}_{column}_{other} REFERENCES {other} (id)"
    )


def change_unique() -> None:
    if op.get_bind().dialect.name == "sqlite":
        made_anew("criterion", (OLD_UNIQUE, NEW_UNIQUE))
        return
    op.drop_constraint("uq_criterion_edition_id_group_code", "criterion", type_="unique")
    op.create_unique_constraint(
        "uq_criterion_edition_id_stage_id_group_code",
        "criterion",
        ["edition_id", "stage_id", "group", "code"],
    )


def drop_reference(table: str, column: str, other: str, *changes: tuple[str, str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        text = f", {column} INTEGER CONSTRAINT fk_{table}_{column}_{other} REFERENCES {other} (id)"
        made_anew(table, (text, ""), *changes, columns="named")
    else:
        op.drop_column(table, column)


def upgrade() -> None:
    add_reference("edition", "revises_id", "edition")
    op.add_column("edition", sa.Column("text_limits", sa.JSON(), nullable=False, server_default="{}"))
    for table in ("track", "region", "stage"):
        add_reference(table, "origin_id", table)
    add_reference("track", "room_of_id", "track")
    for name in ("visits_after", "recommends"):
        op.add_column("stage", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    add_reference("criterion", "stage_id", "stage")
    change_unique()
    op.create_index(
        "uq_criterion_of_edition",
        "criterion",
        ["edition_id", "group", "code"],
        unique=True,
        sqlite_where=sa.text("stage_id IS NULL"),
        postgresql_where=sa.text("stage_id IS NULL"),
    )
    op.create_table(
        "rule_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="rule_change_state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("version_number", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "state <> 'published' OR (version_number IS NOT NULL AND decided_by_id IS NOT NULL "
            "AND decided_by_id <> proposed_by_id AND decided_by_id <> started_by_id)",
            name=op.f("ck_rule_change_two_people"),
        ),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_rule_change_{name}_{table}"))
            for name, table in (
                ("edition_id", "edition"),
                ("draft_id", "edition"),
                ("started_by_id", "user_account"),
                ("proposed_by_id", "user_account"),
                ("decided_by_id", "user_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_change")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_rule_change_draft_id")),
    )
    op.create_index(op.f("ix_rule_change_edition_id"), "rule_change", ["edition_id"])
    bind = op.get_bind()
    seals.reseal(bind, "edition", ("revises_id", "text_limits"))
    seals.reseal(bind, "stage", ("origin_id", "visits_after", "recommends"))
    seals.reseal(bind, "criterion", ("stage_id",))


def downgrade() -> None:
    op.drop_table("rule_change")
    op.drop_index("uq_criterion_of_edition", table_name="criterion")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_criterion_edition_id_stage_id_group_code", "criterion", type_="unique")
        op.create_unique_constraint(
            "uq_criterion_edition_id_group_code", "criterion", ["edition_id", "group", "code"]
        )
    drop_reference("criterion", "stage_id", "stage", (NEW_UNIQUE, OLD_UNIQUE))
    for name in ("visits_after", "recommends"):
        op.drop_column("stage", name)
    drop_reference("track", "room_of_id", "track")
    for table in ("track", "region", "stage"):
        drop_reference(table, "origin_id", table)
    op.drop_column("edition", "text_limits")
    drop_reference("edition", "revises_id", "edition")
