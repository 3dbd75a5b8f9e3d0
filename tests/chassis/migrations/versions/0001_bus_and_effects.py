"""Which tables does a service of the bus's own tests have? The bus's, and one that counts effects."""

from alembic import op

from chassis.migrations import create_bus_tables, drop_bus_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_bus_tables(op)
    op.execute("CREATE TABLE effects (id bigserial PRIMARY KEY, event text NOT NULL, n bigint NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE effects")
    drop_bus_tables(op)
