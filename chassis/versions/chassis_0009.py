"""What waits for a messenger is which handovers it is to hear of, not a message that was true once"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0009"
down_revision = "chassis_0008"
branch_labels = None
depends_on = None

EACH = """
ALTER TABLE warnings
    ADD COLUMN link VARCHAR(40), ADD COLUMN key VARCHAR(96), ADD COLUMN share INTEGER, ADD COLUMN recipients TEXT[];

INSERT INTO warnings (id, channel, body, made_at, next_try_at, attempts, problem, link, key, share, recipients)
SELECT gen_random_uuid(), channel, body, made_at, next_try_at, attempts, problem, told.link, told.key, told.share_gone,
    CASE WHEN body -> 'to' IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(body -> 'to')) END
FROM warnings CROSS JOIN LATERAL jsonb_to_recordset(body -> 'handovers') AS told (link text, key text, share_gone integer);

DELETE FROM warnings WHERE link IS NULL;

ALTER TABLE warnings
    ALTER COLUMN link SET NOT NULL, ALTER COLUMN key SET NOT NULL, ALTER COLUMN share SET NOT NULL, DROP COLUMN body;

DROP INDEX warnings_next;

CREATE INDEX warnings_next ON warnings (channel, next_try_at)
"""
# What they were to say cannot be said without the handovers; those are on the worklists all the same.
MESSAGES = """
DELETE FROM warnings;

DROP INDEX warnings_next;

CREATE INDEX warnings_next ON warnings (next_try_at);

ALTER TABLE warnings ADD COLUMN body JSONB NOT NULL,
    DROP COLUMN link, DROP COLUMN key, DROP COLUMN share, DROP COLUMN recipients
"""


def upgrade() -> None:
    run(op, EACH)


def downgrade() -> None:
    run(op, MESSAGES)
