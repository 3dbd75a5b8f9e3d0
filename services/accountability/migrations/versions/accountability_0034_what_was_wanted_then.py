"""What a line was to be when its date passed, what reworks cost, what was made before a complaint: cases are folded again"""

from alembic import op

revision = "accountability_0034"
down_revision = "accountability_0033"
branch_labels = None
depends_on = None

MEMORY = ("judge_snapshot", "judge_case_names", "judge_cases")


def upgrade() -> None:
    for table in MEMORY:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def downgrade() -> None:
    upgrade()  # whoever reckoned otherwise would leave a settled case as it is
