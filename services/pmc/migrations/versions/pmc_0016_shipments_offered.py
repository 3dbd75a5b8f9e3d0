"""shipments whose goods are there, and those held back"""

import sqlalchemy as sa
from alembic import op

revision = "pmc_0016"
down_revision = "pmc_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whatever was noticed until now was put before planner and director at once.
    op.add_column("shipments", sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("shipments", "offered", server_default=None)
    op.execute(
        "UPDATE shipments SET status = 'held' WHERE status = 'reviewing' AND 'held' IN (planner_review, director_review)"
    )


def downgrade() -> None:
    op.execute("UPDATE shipments SET status = 'reviewing' WHERE status = 'held'")
    op.drop_column("shipments", "offered")
