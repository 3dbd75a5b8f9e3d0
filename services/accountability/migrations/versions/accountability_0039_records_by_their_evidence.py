"""Records by the ledger positions on which they rest"""

from alembic import op

revision = "accountability_0039"
down_revision = "accountability_0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("penalty_records_evidence", "penalty_records", ["evidence"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("penalty_records_evidence", table_name="penalty_records")
