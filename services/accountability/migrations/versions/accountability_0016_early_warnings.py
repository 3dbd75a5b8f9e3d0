"""Who told of a hindrance before it made anything late"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0016"
down_revision = "accountability_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "early_warnings",
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("person", sa.String(length=16), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("duties", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("early_warnings_of", "early_warnings", ["person", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("early_warnings")
