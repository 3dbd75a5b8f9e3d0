"""When the first goods of a line were booked, and when somebody last looked after it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sales_0005"
down_revision = "sales_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("line_progress", sa.Column("booked_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("line_progress", sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("line_progress", "checked_at")
    op.drop_column("line_progress", "booked_at")
