"""lots at the gate, and whether they failed"""

import sqlalchemy as sa
from alembic import op

revision = "pmc_0018"
down_revision = "pmc_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of what arrived before only the sum is known; a lot of it that fails is counted out of that.
    op.create_table(
        "arrived_lots",
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("purchased_line", sa.String(length=80), nullable=False),
        sa.Column("quantity", sa.Numeric(18, 6), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lot"),
    )
    op.create_index(op.f("ix_arrived_lots_purchased_line"), "arrived_lots", ["purchased_line"], unique=False)


def downgrade() -> None:
    op.drop_table("arrived_lots")
