"""which lots were received for a requirement"""

import sqlalchemy as sa
from alembic import op

revision = "pmc_0014"
down_revision = "pmc_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "received_lots",
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("requirement_no", sa.String(length=64), nullable=False),
        sa.Column("item_code", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("lot"),
    )
    op.create_index(op.f("ix_received_lots_requirement_no"), "received_lots", ["requirement_no"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_received_lots_requirement_no"), table_name="received_lots")
    op.drop_table("received_lots")
