"""for which failed looks an operation is owed again"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pmc_0019"
down_revision = "pmc_0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of what is open again already nobody wrote it down: the first concession on it takes it back, as before.
    op.add_column("operations", sa.Column("failed_looks", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("operations", "failed_looks", server_default=None)


def downgrade() -> None:
    op.drop_column("operations", "failed_looks")
