"""HR hears what fell back; nobody is told of a plan that stood before plans were told of"""

import sqlalchemy as sa
from alembic import op

revision = "accountability_0021"
down_revision = "accountability_0020"
branch_labels = None
depends_on = None

# Only a notification from before there was a last moment for an objection has none.
PLANNED_LONG_AGO = """
UPDATE compensations SET planned_at = greatest(compensations.notified_at, penalty_records.in_effect_at)
FROM penalty_records
WHERE penalty_records.no = compensations.record_no AND penalty_records.status IN ('in_effect', 'lapsed')
    AND compensations.status = 'notified' AND compensations.objection_until IS NULL
    AND compensations.objected_at IS NULL AND compensations.planned_at IS NULL
"""


def upgrade() -> None:
    op.create_index(
        "penalty_records_fell_back",
        "penalty_records",
        ["fell_back_at"],
        postgresql_where=sa.text("fell_back_at IS NOT NULL"),
    )
    op.execute(PLANNED_LONG_AGO)


def downgrade() -> None:
    op.drop_index("penalty_records_fell_back", "penalty_records")
