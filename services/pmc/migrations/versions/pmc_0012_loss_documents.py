"""by which document an attributed loss is recorded"""

import sqlalchemy as sa
from alembic import op

revision = "pmc_0012"
down_revision = "pmc_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attributions", sa.Column("loss_document", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("attributions", "loss_document")
