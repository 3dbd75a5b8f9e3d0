"""lines that goods are for"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "quality_0003"
down_revision = "quality_0002"
branch_labels = None
depends_on = None

# The lines of orders that are here already are the contract's, as it was put before the inspector.
LINES = """
UPDATE orders SET lines = ARRAY(
    SELECT DISTINCT (line ->> 'line_no')::int FROM opinions, jsonb_array_elements(opinions.lines) AS line
    WHERE opinions.order_no = orders.order_no ORDER BY 1
)
"""


def upgrade() -> None:
    for name in ("lines", "removed"):
        op.add_column("orders", sa.Column(name, postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False))
    op.add_column("orders", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("incoming_inspections", sa.Column("order_line_no", sa.Integer(), nullable=True))
    op.execute(LINES)


def downgrade() -> None:
    op.drop_column("incoming_inspections", "order_line_no")
    for name in ("revision", "removed", "lines"):
        op.drop_column("orders", name)
