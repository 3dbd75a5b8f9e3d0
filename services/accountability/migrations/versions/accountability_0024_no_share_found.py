"""A finding may leave open which share in a loss is the person's"""

from alembic import op

revision = "accountability_0024"
down_revision = "accountability_0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("breach_findings", "share_percent", nullable=True)


def downgrade() -> None:
    op.execute("UPDATE breach_findings SET share_percent = 100 WHERE share_percent IS NULL")
    op.alter_column("breach_findings", "share_percent", nullable=False)
