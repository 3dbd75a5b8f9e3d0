"""operations that rest while a requisition is decided"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pmc_0017"
down_revision = "pmc_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing rests for what was asked before.
    op.add_column("requisitions", sa.Column("resting", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("requisitions", "resting", server_default=None)


def downgrade() -> None:
    op.drop_column("requisitions", "resting")
