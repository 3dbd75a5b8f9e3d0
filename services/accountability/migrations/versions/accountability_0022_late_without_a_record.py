"""Whether somebody's lateness in an order is over is looked up by its order"""

import sqlalchemy as sa
from alembic import op

revision = "accountability_0022"
down_revision = "accountability_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "handover_outcomes_late", "handover_outcomes", ["order_no"], postgresql_where=sa.text("outcome = 'overran'")
    )


def downgrade() -> None:
    op.drop_index("handover_outcomes_late", "handover_outcomes")
