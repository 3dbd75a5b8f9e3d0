"""A source's outages are looked up without its other facts"""

from alembic import op
from sqlalchemy import text

revision = "accountability_0027"
down_revision = "accountability_0026"
branch_labels = None
depends_on = None

PARTS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger'::regclass ORDER BY 1")
COLUMNS = "(source, recorded_at) WHERE type = source || '.service_unavailable.v1'"


def upgrade() -> None:
    """Month by month, because every statement is bounded in time."""
    op.execute(f"CREATE INDEX ledger_outages ON ONLY ledger {COLUMNS}")
    for part in op.get_bind().scalars(PARTS).all():
        op.execute(f"CREATE INDEX {part}_outages ON {part} {COLUMNS}")
        op.execute(f"ALTER INDEX ledger_outages ATTACH PARTITION {part}_outages")


def downgrade() -> None:
    op.drop_index("ledger_outages", "ledger")
