"""How often a question what-if was begun (one that is cut off again and again is not begun for ever), and under which shifts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0032"
down_revision = "accountability_0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("what_ifs", sa.Column("starts", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("what_ifs", "starts", server_default=None)
    for name in ("shifts", "weekend"):
        op.add_column("what_ifs", sa.Column(name, postgresql.JSONB(), nullable=False, server_default="[]"))
        op.alter_column("what_ifs", name, server_default=None)


def downgrade() -> None:
    for name in ("weekend", "shifts", "starts"):
        op.drop_column("what_ifs", name)
