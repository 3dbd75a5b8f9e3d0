"""Questions what-if"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0003"
down_revision = "accountability_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "what_ifs",
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("days_off", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("extra_working_days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tenures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("percent_done", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("no"),
    )
    op.create_index(op.f("ix_what_ifs_order_no"), "what_ifs", ["order_no"], unique=False)
    op.create_index(op.f("ix_what_ifs_status"), "what_ifs", ["status"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_what_ifs_status"), table_name="what_ifs")
    op.drop_index(op.f("ix_what_ifs_order_no"), table_name="what_ifs")
    op.drop_table("what_ifs")
