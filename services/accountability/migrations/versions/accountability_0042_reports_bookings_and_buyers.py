"""When work was reported and its goods were booked, who ordered when, what ended with something else: cases are folded again"""

from alembic import op

revision = "accountability_0042"
down_revision = "accountability_0041"
branch_labels = None
depends_on = None

MEMORY = ("judge_snapshot", "judge_case_names", "judge_cases")


def upgrade() -> None:
    for table in MEMORY:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def downgrade() -> None:
    upgrade()  # whoever reckoned otherwise would leave a settled case as it is
