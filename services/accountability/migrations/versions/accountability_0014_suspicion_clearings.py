"""What managers said about breaches for which nobody could be named"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0014"
down_revision = "accountability_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suspicion_clearings",
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("suspicion", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("no"),
    )
    op.create_index("suspicion_clearings_once", "suspicion_clearings", ["suspicion", "revision"], unique=True)
    for column in ("order_no", "status", "person"):
        op.create_index(op.f(f"ix_suspicion_clearings_{column}"), "suspicion_clearings", [column], unique=False)
    op.create_index(
        "suspicions_open", "suspicions", ["key"], unique=False, postgresql_where=sa.text("cleared_because IS NULL")
    )


def downgrade() -> None:
    op.drop_index("suspicions_open", table_name="suspicions")
    op.drop_table("suspicion_clearings")
