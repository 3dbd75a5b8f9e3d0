"""What hinders handovers, as it was reported"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "warehouse_0003"
down_revision = "warehouse_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hindrances",
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("affected_orders", sa.ARRAY(sa.String(length=64)), nullable=False),
        sa.Column("affected_duties", postgresql.JSONB(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("expected_end_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reported_as", sa.String(length=40), nullable=False),
        sa.Column("exception_no", sa.String(length=64), nullable=True),
        sa.Column("extension_hours", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("no"),
    )
    op.create_index(op.f("ix_hindrances_order_no"), "hindrances", ["order_no"], unique=False)
    op.create_index(op.f("ix_hindrances_status"), "hindrances", ["status"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_hindrances_status"), table_name="hindrances")
    op.drop_index(op.f("ix_hindrances_order_no"), table_name="hindrances")
    op.drop_table("hindrances")
