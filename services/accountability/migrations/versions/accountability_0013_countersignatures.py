"""Paper that was written while a service was down, and whose manager of another department saw it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0013"
down_revision = "accountability_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "countersignatures",
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("written_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("paper_reference", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("no"),
    )
    op.create_index("countersignatures_once", "countersignatures", ["position"], unique=True)
    op.create_index(op.f("ix_countersignatures_order_no"), "countersignatures", ["order_no"], unique=False)
    op.create_index(op.f("ix_countersignatures_status"), "countersignatures", ["status"], unique=False)


def downgrade() -> None:
    op.drop_table("countersignatures")
