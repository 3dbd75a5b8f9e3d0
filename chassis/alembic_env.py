"""How does a revision of one service's database get run? Alembic's env.py calls this.

from chassis.alembic_env import run
run()
"""

from typing import Literal

from alembic import context
from sqlalchemy import Connection

from chassis.documents import Typed
from chassis.schema import metadata
from chassis.schema_people import acts

CHASSIS_TABLES = frozenset(metadata.tables) | {acts.name, "alembic_version"}


def belongs_to_service(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Chassis tables are revised in the chassis, not again in every service."""
    return not (kind == "table" and name in CHASSIS_TABLES)


def as_stored(kind: str, item: object, _context: object) -> str | Literal[False]:
    """A typed JSONB column is written down as the JSONB it is stored as."""
    return "postgresql.JSONB()" if kind == "type" and isinstance(item, Typed) else False


def run() -> None:
    """Run the revisions on the connection that chassis.migrate (or a test) put into the configuration."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        include_object=belongs_to_service,
        compare_type=True,
        render_item=as_stored,
    )
    with context.begin_transaction():
        context.run_migrations()
