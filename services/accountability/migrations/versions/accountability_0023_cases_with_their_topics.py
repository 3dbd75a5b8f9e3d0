"""A case carries the exceptions, delay reports and complaints of which it speaks: the judge folds the ledger again"""

from alembic import op

revision = "accountability_0023"
down_revision = "accountability_0022"
branch_labels = None
depends_on = None

MEMORY = ("judge_snapshot", "judge_case_names", "judge_cases")


def upgrade() -> None:
    for table in MEMORY:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def downgrade() -> None:
    upgrade()  # whoever knew nothing of them would take cases for complete that are not
