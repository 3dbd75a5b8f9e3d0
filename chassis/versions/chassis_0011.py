"""When the latest word on a matter was said, so that an earlier one that comes late changes nothing"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0011"
down_revision = "chassis_0010"
branch_labels = None
depends_on = None

# Of what was said before nothing is known: the next word on it counts.
KEPT = """
CREATE TABLE latest_words (
    link VARCHAR(40) NOT NULL,
    key VARCHAR(96) NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled BOOLEAN NOT NULL,
    CONSTRAINT latest_words_pkey PRIMARY KEY (link, key)
)
"""


def upgrade() -> None:
    run(op, KEPT)


def downgrade() -> None:
    run(op, "DROP TABLE latest_words")
