"""When handovers were given, what waited for what, and the bounds of compensations: cases are folded again"""

from alembic import op

revision = "accountability_0036"
down_revision = "accountability_0035"
branch_labels = None
depends_on = None

MEMORY = ("judge_snapshot", "judge_case_names", "judge_cases")


def upgrade() -> None:
    for table in MEMORY:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def downgrade() -> None:
    upgrade()  # whoever reckoned otherwise would leave a settled case as it is
