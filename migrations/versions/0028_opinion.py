"""Keep the opinion of the recommending unit with each recommended entry

Revision ID: 0028
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from core import seals

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recommendation", sa.Column("opinion", sa.Text(), nullable=False, server_default=""))
    seals.reseal(op.get_bind(), "recommendation", ("opinion",))


def downgrade() -> None:
    op.drop_column("recommendation", "opinion")
