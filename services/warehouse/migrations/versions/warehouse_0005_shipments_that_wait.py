"""shipments that wait for their goods"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "warehouse_0005"
down_revision = "warehouse_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was instructed and had passed until now is on the storekeeper's worklist.
    op.add_column("shipments", sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("shipments", sa.Column("waited_for", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.execute("UPDATE shipments SET offered = true WHERE status = 'instructed' AND qa_passed")
    op.alter_column("shipments", "offered", server_default=None)
    op.alter_column("shipments", "waited_for", server_default=None)
    op.create_index(
        "shipments_waiting", "shipments", ["no"], postgresql_where=sa.text("status = 'instructed' AND NOT offered")
    )


def downgrade() -> None:
    op.drop_index("shipments_waiting", table_name="shipments")
    op.drop_column("shipments", "waited_for")
    op.drop_column("shipments", "offered")
