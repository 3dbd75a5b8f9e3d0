"""Under which rulebook versions a record's breaches fall, and which of them it waits for"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0035"
down_revision = "accountability_0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of a record from before, the one that it cites is known.
    op.add_column("penalty_records", sa.Column("versions", postgresql.ARRAY(sa.Text()), nullable=True))
    op.execute("UPDATE penalty_records SET versions = ARRAY[rulebook_version]")
    op.alter_column("penalty_records", "versions", nullable=False)
    op.add_column("penalty_records", sa.Column("awaited_version", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("penalty_records", "awaited_version")
    op.drop_column("penalty_records", "versions")
