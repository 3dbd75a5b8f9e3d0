"""lines off an order"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "purchasing_0003"
down_revision = "purchasing_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("orders", sa.Column("removed", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("orders", "removed")
    op.drop_column("orders", "revision")
