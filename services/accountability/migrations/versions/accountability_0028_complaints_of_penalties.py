"""Which complaint a customer's penalty follows, and what an amended order comes to: the judge folds the ledger again"""

from alembic import op

revision = "accountability_0028"
down_revision = "accountability_0027"
branch_labels = None
depends_on = None

MEMORY = ("judge_snapshot", "judge_case_names", "judge_cases")


def upgrade() -> None:
    for table in MEMORY:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def downgrade() -> None:
    upgrade()  # whoever knew nothing of them would not tell these memories from their own
