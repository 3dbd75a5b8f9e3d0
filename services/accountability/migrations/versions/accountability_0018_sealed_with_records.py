"""What is sealed with a record: its compensation, what cleared its suspicion; and what-ifs after their time"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0018"
down_revision = "accountability_0017"
branch_labels = None
depends_on = None

TABLES = ("compensations", "suspicion_clearings", "what_ifs")
# The rest is sealed by the next sweep.
WITH_THEIR_RECORDS = """
UPDATE compensations SET sealed_at = record.sealed_at FROM penalty_records AS record
WHERE record.no = compensations.record_no AND record.sealed_at IS NOT NULL
"""


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("sealed_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.execute(WITH_THEIR_RECORDS)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "sealed_at")
