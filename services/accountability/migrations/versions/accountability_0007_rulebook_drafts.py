"""Drafts of the rulebook"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0007"
down_revision = "accountability_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("rulebooks", "effective_from", nullable=True)
    op.add_column("rulebooks", sa.Column("based_on", sa.String(length=64), nullable=True))
    op.add_column("rulebooks", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "rulebooks",
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"),
    )
    op.alter_column("rulebooks", "reason", server_default=None)
    op.alter_column("rulebooks", "changes", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM rulebooks WHERE status <> 'issued'")
    op.drop_column("rulebooks", "changes")
    op.drop_column("rulebooks", "reason")
    op.drop_column("rulebooks", "based_on")
    op.alter_column("rulebooks", "effective_from", nullable=False)
