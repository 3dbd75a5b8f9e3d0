"""what was bought for a list"""

from alembic import op

revision = "warehouse_0007"
down_revision = "warehouse_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_purchase_lines_requirement_no", "purchase_lines", ["requirement_no"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_purchase_lines_requirement_no", table_name="purchase_lines")
