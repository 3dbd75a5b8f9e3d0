"""Cases know products, when production was planned, who cleared a suspicion, whose inspection passed what: folded again"""

from alembic import op

revision = "accountability_0033"
down_revision = "accountability_0032"
branch_labels = None
depends_on = None

MEMORY = ("judge_snapshot", "judge_case_names", "judge_cases")


def upgrade() -> None:
    for table in MEMORY:
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


def downgrade() -> None:
    upgrade()  # whoever did not know these names would leave a settled case where it is
