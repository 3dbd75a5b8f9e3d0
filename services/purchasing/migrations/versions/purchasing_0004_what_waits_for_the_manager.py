"""what waits for the manager"""

import sqlalchemy as sa
from alembic import op

revision = "purchasing_0004"
down_revision = "purchasing_0003"
branch_labels = None
depends_on = None

ASKED = {
    "purchase_requests": ("exemption_wanted", "supplier_wanted_because"),
    "purchase_orders": ("supplier_wanted_because",),
}


def upgrade() -> None:
    for table, texts in ASKED.items():
        op.add_column(table, sa.Column("supplier_wanted", sa.String(length=64), nullable=True))
        for name in texts:
            op.add_column(table, sa.Column(name, sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    for table, texts in ASKED.items():
        for name in (*texts, "supplier_wanted"):
            op.drop_column(table, name)
