"""A record counts in the month of its last breach, not in the one in which it was written down"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0017"
down_revision = "accountability_0016"
branch_labels = None
depends_on = None

FILL = """
UPDATE penalty_records SET breached_at = coalesce((facts -> 'breaches' -> -1 ->> 'at')::timestamptz, made_at)
"""


def upgrade() -> None:
    op.add_column("penalty_records", sa.Column("breached_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.execute(FILL)
    op.alter_column("penalty_records", "breached_at", nullable=False)
    op.create_index("penalty_records_breached", "penalty_records", ["breached_at"])
    op.drop_index("penalty_records_made", table_name="penalty_records")


def downgrade() -> None:
    op.create_index("penalty_records_made", "penalty_records", ["made_at"])
    op.drop_column("penalty_records", "breached_at")
