"""when returns came"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pmc_0009"
down_revision = "pmc_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customer_returns", sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_index(op.f("ix_customer_returns_complaint_no"), "customer_returns", ["complaint_no"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_customer_returns_complaint_no"), table_name="customer_returns")
    op.drop_column("customer_returns", "received_at")
