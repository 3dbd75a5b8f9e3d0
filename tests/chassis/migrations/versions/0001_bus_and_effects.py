"""Which tables does a service of the bus's own tests have? Those of every service, and one that counts effects."""

from alembic import op

from chassis.versions import chassis_0001, chassis_0002, chassis_0003, chassis_0004, chassis_0005, chassis_0006

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_0001.upgrade()
    chassis_0002.upgrade()
    chassis_0003.upgrade()
    chassis_0004.upgrade()
    chassis_0005.upgrade()
    chassis_0006.upgrade()
    op.execute("CREATE TABLE effects (id bigserial PRIMARY KEY, event text NOT NULL, n bigint NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE effects")
    chassis_0006.downgrade()
    chassis_0005.downgrade()
    chassis_0004.downgrade()
    chassis_0003.downgrade()
    chassis_0002.downgrade()
    chassis_0001.downgrade()
