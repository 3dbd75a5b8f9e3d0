"""whose safety duty was breached, and why a report of an injury was withdrawn"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pmc_0010"
down_revision = "pmc_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was concluded before named nobody, and was stated so; why reports are withdrawn, nobody was asked yet."""
    op.add_column("injury_reports", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "investigations",
        sa.Column("breached_by", postgresql.ARRAY(sa.String(length=16)), nullable=False, server_default="{}"),
    )
    op.alter_column("injury_reports", "reason", server_default=None)
    op.alter_column("investigations", "breached_by", server_default=None)


def downgrade() -> None:
    op.drop_column("investigations", "breached_by")
    op.drop_column("injury_reports", "reason")
