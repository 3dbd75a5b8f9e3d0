"""owed notices"""

import sqlalchemy as sa
from alembic import op

revision = "sales_0002"
down_revision = "sales_0001"
branch_labels = None
depends_on = None

# Until now a notice was owed from the first receipt until everything ordered was under notice.
OWED = """
UPDATE line_progress SET asked = line_progress.finished
FROM orders, jsonb_array_elements(orders.lines) AS line
WHERE orders.no = line_progress.order_no AND (line ->> 'line_no')::int = line_progress.line_no
    AND line_progress.finished > 0 AND line_progress.noticed < (line ->> 'quantity')::numeric
"""


def upgrade() -> None:
    op.add_column("line_progress", sa.Column("asked", sa.Numeric(precision=18, scale=6), nullable=True))
    op.add_column("line_progress", sa.Column("production_order_no", sa.String(length=64), nullable=True))
    op.execute(OWED)


def downgrade() -> None:
    op.drop_column("line_progress", "production_order_no")
    op.drop_column("line_progress", "asked")
