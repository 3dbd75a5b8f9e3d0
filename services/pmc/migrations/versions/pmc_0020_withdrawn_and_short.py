"""material of which the first was issued, and what makes up for scrap"""

import sqlalchemy as sa
from alembic import op

revision = "pmc_0020"
down_revision = "pmc_0019"
branch_labels = None
depends_on = None

# What is finished comes to its good pieces; of what went back to the workshop nobody wrote down how many were good.
EXPECTED = """
UPDATE production_orders SET expected = CASE WHEN status IN ('finished', 'closed') THEN good ELSE quantity END
"""


def upgrade() -> None:
    # Of what is half issued already nobody wrote it down: the warehouse says so when it is withdrawn.
    op.add_column("requisitions", sa.Column("first_issued_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("requirements", "production_orders"):
        op.add_column(table, sa.Column("makes_up_for", sa.String(64), nullable=True))
    op.add_column("production_orders", sa.Column("expected", sa.Numeric(18, 6), nullable=False, server_default="0"))
    op.alter_column("production_orders", "expected", server_default=None)
    op.execute(EXPECTED)


def downgrade() -> None:
    op.drop_column("production_orders", "expected")
    for table in ("production_orders", "requirements"):
        op.drop_column(table, "makes_up_for")
    op.drop_column("requisitions", "first_issued_at")
