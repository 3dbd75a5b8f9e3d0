"""What do a department's people have to know of records in their own name?"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0004"
down_revision = "chassis_0003"
branch_labels = None
depends_on = None

NOTIFICATIONS = """
CREATE TABLE notifications (
    record_no VARCHAR(64) NOT NULL,
    person VARCHAR(16) NOT NULL,
    stage TEXT NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    show_until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT notifications_pkey PRIMARY KEY (record_no)
);

CREATE INDEX notifications_of_person ON notifications (person, show_until)
"""


def upgrade() -> None:
    run(op, NOTIFICATIONS)


def downgrade() -> None:
    run(op, "DROP TABLE notifications")
