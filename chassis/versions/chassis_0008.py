"""Every calendar and version of the rules with when it counts, and what a handover's due time was reckoned from"""

from alembic import op

from chassis.migrations import run

revision = "chassis_0008"
down_revision = "chassis_0007"
branch_labels = None
depends_on = None

# What is open gets its terms from the fact of its arrival, but for those with a date: it may have been moved since. Of the
# rules no more is known than when they were heard.
KEPT = """
ALTER TABLE duties
    ADD COLUMN arrived_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN terms JSONB,
    ADD COLUMN redated JSONB DEFAULT '[]' NOT NULL;

UPDATE duties SET arrived_at = opened_at;

UPDATE duties SET arrived_at = outbox.recorded_at,
    terms = CASE WHEN outbox.data #>> '{terms,required_on}' IS NULL THEN coalesce((outbox.data -> 'terms')::jsonb, '{}') END
FROM outbox
WHERE duties.closed_at IS NULL AND outbox.event LIKE '%.handover_delivered.v1'
    AND outbox.data #>> '{duty,link}' = duties.link AND outbox.data #>> '{duty,key}' = duties.key
    AND coalesce((outbox.data ->> 'attempt')::integer, 1) = duties.attempt;

ALTER TABLE duties ALTER COLUMN arrived_at SET NOT NULL;

ALTER TABLE holdings ADD COLUMN counts_from TIMESTAMP WITH TIME ZONE;

UPDATE holdings SET counts_from = effective_from;

ALTER TABLE holdings ALTER COLUMN counts_from SET NOT NULL;

ALTER TABLE settings_copy ADD COLUMN no VARCHAR(64) DEFAULT '' NOT NULL;

ALTER TABLE settings_copy ADD COLUMN counts_from TIMESTAMP WITH TIME ZONE;

ALTER TABLE settings_copy RENAME COLUMN changed_at TO told_at;

UPDATE settings_copy SET counts_from = told_at, no = coalesce(value ->> 'calendar_no', '') WHERE name = 'calendar';

UPDATE settings_copy SET counts_from = told_at, name = 'rules',
    value = jsonb_build_object('links', value, 'tolerance_seconds', 60) WHERE name = 'links';

ALTER TABLE settings_copy
    ALTER COLUMN counts_from SET NOT NULL,
    ALTER COLUMN no DROP DEFAULT,
    DROP CONSTRAINT settings_copy_pkey,
    ADD CONSTRAINT settings_copy_pkey PRIMARY KEY (name, no)
"""
LATEST_ONLY = """
DELETE FROM settings_copy AS kept USING settings_copy AS newer WHERE newer.name = kept.name
    AND (newer.counts_from, newer.told_at, newer.no) > (kept.counts_from, kept.told_at, kept.no);

UPDATE settings_copy SET name = 'links', value = value -> 'links' WHERE name = 'rules';

ALTER TABLE settings_copy DROP CONSTRAINT settings_copy_pkey;

ALTER TABLE settings_copy DROP COLUMN no, DROP COLUMN counts_from;

ALTER TABLE settings_copy RENAME COLUMN told_at TO changed_at;

ALTER TABLE settings_copy ADD CONSTRAINT settings_copy_pkey PRIMARY KEY (name);

ALTER TABLE holdings DROP COLUMN counts_from;

ALTER TABLE duties DROP COLUMN redated, DROP COLUMN terms, DROP COLUMN arrived_at
"""


def upgrade() -> None:
    run(op, KEPT)


def downgrade() -> None:
    run(op, LATEST_ONLY)
