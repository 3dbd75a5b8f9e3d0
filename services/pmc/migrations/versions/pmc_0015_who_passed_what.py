"""who let which goods pass, and who led an operation before it was dispatched anew"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pmc_0015"
down_revision = "pmc_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of goods inspected before nobody kept count here; of operations dispatched anew before, the last leader is known."""
    op.create_table(
        "passes",
        sa.Column("inspection_no", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("inspected_by", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("inspection_no"),
    )
    op.create_index(op.f("ix_passes_order_no"), "passes", ["order_no"], unique=False)
    op.create_index(op.f("ix_passes_lot"), "passes", ["lot"], unique=False)
    op.add_column(
        "operations",
        sa.Column("leaders", postgresql.ARRAY(sa.String(length=16)), nullable=False, server_default="{}"),
    )
    op.execute("UPDATE operations SET leaders = ARRAY[team_leader] WHERE team_leader IS NOT NULL")
    op.alter_column("operations", "leaders", server_default=None)


def downgrade() -> None:
    op.drop_column("operations", "leaders")
    op.drop_index(op.f("ix_passes_lot"), table_name="passes")
    op.drop_index(op.f("ix_passes_order_no"), table_name="passes")
    op.drop_table("passes")
