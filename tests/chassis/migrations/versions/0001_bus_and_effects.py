"""Which tables does a service of the bus's own tests have? Those of every service, and one that counts effects."""

from importlib import import_module
from pkgutil import iter_modules

from alembic import op

from chassis import versions

revision = "0001"
down_revision = None

OF_EVERY_SERVICE = [import_module(f"{versions.__name__}.{name}") for _, name, _ in iter_modules(versions.__path__)]


def upgrade() -> None:
    for version in OF_EVERY_SERVICE:
        version.upgrade()
    op.execute("CREATE TABLE effects (id bigserial PRIMARY KEY, event text NOT NULL, n bigint NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE effects")
    for version in reversed(OF_EVERY_SERVICE):
        version.downgrade()
