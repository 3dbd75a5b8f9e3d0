"""How does a revision of one service's database get run? The two lines of every migrations/env.py call this.

from chassis.alembic_env import run
run()
"""

from alembic import context
from sqlalchemy import Connection


def run() -> None:
    """Run the revisions on the connection that chassis.migrate (or a test) put into the configuration."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=context.config.attributes.get("metadata"))
    with context.begin_transaction():
        context.run_migrations()
