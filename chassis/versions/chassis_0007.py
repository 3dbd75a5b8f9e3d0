"""Why a handover is owed no longer, and for what the clock of one that is owed stands still"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0007"
down_revision = "chassis_0006"
branch_labels = None
depends_on = None

STANDING = """
ALTER TABLE duties
    ADD COLUMN because JSONB,
    ADD COLUMN runs_from TIMESTAMP WITH TIME ZONE,
    ADD COLUMN paused_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN waits_for TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN stood BIGINT DEFAULT 0 NOT NULL;

CREATE INDEX duties_struck ON duties (closed_at) WHERE because IS NOT NULL AND closed_at IS NOT NULL;

CREATE TABLE halts (
    source VARCHAR(40) NOT NULL,
    no VARCHAR(64) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    order_no VARCHAR(64) NOT NULL,
    line_no INTEGER,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    ended BOOLEAN NOT NULL,
    CONSTRAINT halts_pkey PRIMARY KEY (source, no)
);

CREATE INDEX halts_in_force ON halts (order_no) WHERE NOT ended
"""
RUNNING = """
DROP TABLE halts;

DROP INDEX duties_struck;

ALTER TABLE duties
    DROP COLUMN because,
    DROP COLUMN runs_from,
    DROP COLUMN paused_at,
    DROP COLUMN waits_for,
    DROP COLUMN stood
"""


def upgrade() -> None:
    run(op, STANDING)


def downgrade() -> None:
    run(op, RUNNING)
