"""A warning that a messenger has taken is forgotten"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0005"
down_revision = "chassis_0004"
branch_labels = None
depends_on = None

FORGOTTEN = """
DELETE FROM warnings WHERE sent_at IS NOT NULL;

ALTER TABLE warnings DROP COLUMN sent_at;

CREATE INDEX warnings_next ON warnings (next_try_at)
"""
REMEMBERED = """
DROP INDEX warnings_next;

ALTER TABLE warnings ADD COLUMN sent_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX warnings_unsent ON warnings (next_try_at) WHERE sent_at IS NULL
"""


def upgrade() -> None:
    """The column takes its partial index along."""
    run(op, FORGOTTEN)


def downgrade() -> None:
    run(op, REMEMBERED)
