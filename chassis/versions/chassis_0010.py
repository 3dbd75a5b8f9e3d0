"""Which handover waits for which other one, also before it is handed over and when it is handed over anew"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0010"
down_revision = "chassis_0009"
branch_labels = None
depends_on = None

# What stands still now goes on to do so; what halts a whole order is kept apart.
KEPT = """
CREATE TABLE rests (
    link VARCHAR(40) NOT NULL,
    key VARCHAR(96) NOT NULL,
    waits_for TEXT NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended BOOLEAN NOT NULL,
    CONSTRAINT rests_pkey PRIMARY KEY (link, key, waits_for)
);

INSERT INTO rests SELECT duties.link, duties.key, awaited.name, duties.paused_at, false
FROM duties CROSS JOIN LATERAL unnest(duties.waits_for) AS awaited (name)
WHERE duties.closed_at IS NULL AND NOT EXISTS (SELECT FROM halts WHERE halts.kind || ':' || halts.no = awaited.name)
"""


def upgrade() -> None:
    run(op, KEPT)


def downgrade() -> None:
    run(op, "DROP TABLE rests")
