"""With which other orders an order's facts had to do; unknown (NULL) for what was settled before"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0012"
down_revision = "accountability_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("judge_cases", sa.Column("linked", postgresql.ARRAY(sa.Text()), nullable=True))


def downgrade() -> None:
    op.drop_column("judge_cases", "linked")
