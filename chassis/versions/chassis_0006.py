"""What hinders a handover, and how much later it may be for that"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0006"
down_revision = "chassis_0005"
branch_labels = None
depends_on = None

HINDERED = """
ALTER TABLE duties ADD COLUMN hindrance_no VARCHAR(64);

ALTER TABLE duties ADD COLUMN hindrance_status VARCHAR(16);

ALTER TABLE duties ADD COLUMN extension_hours NUMERIC(12, 4) DEFAULT 0 NOT NULL
"""
NOT_HINDERED = """
ALTER TABLE duties DROP COLUMN extension_hours, DROP COLUMN hindrance_status, DROP COLUMN hindrance_no
"""


def upgrade() -> None:
    run(op, HINDERED)


def downgrade() -> None:
    run(op, NOT_HINDERED)
