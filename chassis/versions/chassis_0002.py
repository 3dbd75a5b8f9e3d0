"""Who may forget facts? Whoever calls this function, and only those that were sent long ago: nobody else deletes one."""

from alembic import op

from chassis.migrations import run

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None

# Runs with the owner's rights, so that the service itself needs none to delete. Looks at the oldest rows alone, and never at
# one that the broker has not confirmed, or that is younger than a month whatever it is told. An event's id begins with the
# millisecond of real time in which it was made.
FORGET = """
CREATE FUNCTION forget_facts(days double precision) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
WITH forgotten AS (
    DELETE FROM outbox USING (SELECT id FROM outbox ORDER BY id LIMIT 1000) AS oldest, relay_state AS relay
    WHERE outbox.id = oldest.id AND (outbox.epoch, outbox.sequence) <= (relay.published_epoch, relay.published_sequence)
        AND outbox.event_id < rpad(
            lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000 - greatest(days, 30) * 86400000)::bigint), 12, '0'),
            32, '0'
        )::uuid
    RETURNING 1
)
SELECT count(*) FROM forgotten
$$

REVOKE EXECUTE ON FUNCTION forget_facts(double precision) FROM PUBLIC
"""


def upgrade() -> None:
    run(op, FORGET)


def downgrade() -> None:
    run(op, "DROP FUNCTION forget_facts(double precision)")
