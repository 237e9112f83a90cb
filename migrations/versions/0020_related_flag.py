"""Raise anomaly flags about related parties

Revision ID: 0020
Revises: 0019
"""

from alembic import op

from migrations.steps import change_check

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = "kind IN ('lifted', 'lowered', 'careless', 'flat', 'lenient', 'severe', 'rogue', 'ring', 'copying')"
WITH_RELATED = KINDS.replace("'copying')", "'copying', 'related')")


def upgrade() -> None:
    change_check("anomaly_flag", "ck_anomaly_flag_kind", KINDS, WITH_RELATED)


def downgrade() -> None:
    op.execute("DELETE FROM anomaly_flag WHERE kind = 'related'")
    change_check("anomaly_flag", "ck_anomaly_flag_kind", WITH_RELATED, KINDS)
