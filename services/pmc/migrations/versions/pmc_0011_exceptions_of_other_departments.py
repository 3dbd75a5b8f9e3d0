"""An exception names the report of another department of which it was made"""

import sqlalchemy as sa
from alembic import op

revision = "pmc_0011"
down_revision = "pmc_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exceptions", sa.Column("hindrance_no", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_exceptions_hindrance_no"), "exceptions", ["hindrance_no"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_exceptions_hindrance_no"), table_name="exceptions")
    op.drop_column("exceptions", "hindrance_no")
