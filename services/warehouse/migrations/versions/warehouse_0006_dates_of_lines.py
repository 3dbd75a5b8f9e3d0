"""dates of lines"""

import sqlalchemy as sa
from alembic import op

revision = "warehouse_0006"
down_revision = "warehouse_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of lines that are there already no date is known until the order is amended.
    op.add_column("order_lines", sa.Column("delivery_date", sa.Date(), nullable=True))
    op.add_column("order_lines", sa.Column("transit_days", sa.Integer(), nullable=True))
    op.add_column("order_lines", sa.Column("dated_at", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("order_lines", "dated_at")
    op.drop_column("order_lines", "transit_days")
    op.drop_column("order_lines", "delivery_date")
