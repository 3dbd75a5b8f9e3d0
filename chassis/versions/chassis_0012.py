"""Who waits for whom is kept with the other latest words: an end that is heard of first settles it"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0012"
down_revision = "chassis_0011"
branch_labels = None
depends_on = None

TOGETHER = """
ALTER TABLE latest_words ADD COLUMN waits_for TEXT NOT NULL DEFAULT '', DROP CONSTRAINT latest_words_pkey,
    ADD CONSTRAINT latest_words_pkey PRIMARY KEY (link, key, waits_for);

ALTER TABLE latest_words ALTER COLUMN waits_for DROP DEFAULT;

INSERT INTO latest_words (link, key, waits_for, told_at, settled) SELECT link, key, waits_for, told_at, ended FROM rests;

DROP TABLE rests
"""
APART = """
CREATE TABLE rests (
    link VARCHAR(40) NOT NULL,
    key VARCHAR(96) NOT NULL,
    waits_for TEXT NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended BOOLEAN NOT NULL,
    CONSTRAINT rests_pkey PRIMARY KEY (link, key, waits_for)
);

INSERT INTO rests SELECT link, key, waits_for, told_at, settled FROM latest_words WHERE waits_for <> '';

DELETE FROM latest_words WHERE waits_for <> '';

ALTER TABLE latest_words DROP CONSTRAINT latest_words_pkey, DROP COLUMN waits_for,
    ADD CONSTRAINT latest_words_pkey PRIMARY KEY (link, key)
"""


def upgrade() -> None:
    run(op, TOGETHER)


def downgrade() -> None:
    run(op, APART)
