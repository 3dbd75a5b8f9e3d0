"""lines that goods are for"""

import sqlalchemy as sa
from alembic import op

revision = "warehouse_0004"
down_revision = "warehouse_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("purchase_orders", sa.Column("line_no", sa.Integer(), nullable=True))
    op.add_column("lots", sa.Column("order_line_no", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("lots", "order_line_no")
    op.drop_column("purchase_orders", "line_no")
