"""How often a question what-if was begun: one that is cut off again and again is not begun for ever"""

import sqlalchemy as sa
from alembic import op

revision = "accountability_0032"
down_revision = "accountability_0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("what_ifs", sa.Column("starts", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("what_ifs", "starts", server_default=None)


def downgrade() -> None:
    op.drop_column("what_ifs", "starts")
