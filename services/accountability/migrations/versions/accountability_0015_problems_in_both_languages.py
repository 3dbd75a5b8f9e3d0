"""Why a what-if has no answer, in both languages"""

import sqlalchemy as sa
from alembic import op

revision = "accountability_0015"
down_revision = "accountability_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An older answer says both in one text; it is kept whole for either reader."""
    for column in ("problem_zh", "problem_en"):
        op.add_column("what_ifs", sa.Column(column, sa.Text(), nullable=True))
    op.execute("UPDATE what_ifs SET problem_zh = problem, problem_en = problem")
    for column in ("problem_zh", "problem_en"):
        op.alter_column("what_ifs", column, nullable=False)
    op.drop_column("what_ifs", "problem")


def downgrade() -> None:
    op.add_column("what_ifs", sa.Column("problem", sa.Text(), nullable=True))
    op.execute("UPDATE what_ifs SET problem = problem_zh")
    op.execute("UPDATE what_ifs SET problem = problem_zh || ' ' || problem_en WHERE problem_zh <> problem_en")
    op.alter_column("what_ifs", "problem", nullable=False)
    for column in ("problem_en", "problem_zh"):
        op.drop_column("what_ifs", column)
