"""Who has read whom a suspicion names: a look says its key, which is longer than a document's number"""

import sqlalchemy as sa
from alembic import op

revision = "accountability_0031"
down_revision = "accountability_0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("record_looks", "no", existing_type=sa.String(64), type_=sa.Text())


def downgrade() -> None:
    """What was longer is cut off: a look is never taken back."""
    op.alter_column("record_looks", "no", existing_type=sa.Text(), type_=sa.String(64), postgresql_using="left(no, 64)")
