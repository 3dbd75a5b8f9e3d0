"""An appeal that nobody has decided when evidence replaces its record goes on with the later one, which says where it was made"""

import sqlalchemy as sa
from alembic import op

revision = "accountability_0038"
down_revision = "accountability_0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("penalty_records", sa.Column("appeal_from", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("penalty_records", "appeal_from")
