"""A reported injury is looked up without all other facts"""

from alembic import op
from sqlalchemy import text

revision = "accountability_0029"
down_revision = "accountability_0028"
branch_labels = None
depends_on = None

PARTS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger'::regclass ORDER BY 1")
COLUMNS = "(recorded_at) WHERE type IN ('pmc.injury_reported.v1', 'pmc.injury_report_withdrawn.v1')"


def upgrade() -> None:
    """Month by month, because every statement is bounded in time."""
    op.execute(f"CREATE INDEX ledger_injuries ON ONLY ledger {COLUMNS}")
    for part in op.get_bind().scalars(PARTS).all():
        op.execute(f"CREATE INDEX {part}_injuries ON {part} {COLUMNS}")
        op.execute(f"ALTER INDEX ledger_injuries ATTACH PARTITION {part}_injuries")


def downgrade() -> None:
    op.drop_index("ledger_injuries", "ledger")
