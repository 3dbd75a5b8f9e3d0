"""The term of an earlier record for the same breaches goes on with the one that takes its place, which says whose it is"""

import sqlalchemy as sa
from alembic import op

revision = "accountability_0040"
down_revision = "accountability_0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("penalty_records", sa.Column("term_from", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("penalty_records", "term_from")
