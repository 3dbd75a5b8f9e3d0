"""Monthly stocktakes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "warehouse_0002"
down_revision = "warehouse_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stocktakes",
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("uncounted", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("no"),
        sa.UniqueConstraint("month"),
    )
    op.create_index(op.f("ix_stocktakes_order_no"), "stocktakes", ["order_no"], unique=False)
    op.create_index(op.f("ix_stocktakes_status"), "stocktakes", ["status"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_stocktakes_status"), table_name="stocktakes")
    op.drop_index(op.f("ix_stocktakes_order_no"), table_name="stocktakes")
    op.drop_table("stocktakes")
