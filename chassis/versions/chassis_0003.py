"""How much of a handover's time was gone when its department was last warned, and which warnings are to be sent?"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0003"
down_revision = "chassis_0002"
branch_labels = None
depends_on = None

WARNINGS = """
ALTER TABLE duties ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;

CREATE TABLE warnings (
    id UUID NOT NULL,
    channel TEXT NOT NULL,
    body JSONB NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at TIMESTAMP WITH TIME ZONE,
    problem TEXT NOT NULL DEFAULT '',
    CONSTRAINT warnings_pkey PRIMARY KEY (id)
);

CREATE INDEX warnings_unsent ON warnings (next_try_at) WHERE sent_at IS NULL
"""


def upgrade() -> None:
    run(op, WARNINGS)


def downgrade() -> None:
    run(op, "DROP TABLE warnings\n\nALTER TABLE duties DROP COLUMN warned")
