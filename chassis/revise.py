"""How does a change of a service's models become a revision? `python -m chassis.revise SERVICE "what changes" URL`

Compares the models with an empty database brought to the newest revision and writes the difference for a person to read.
"""

import argparse
import asyncio
from importlib import import_module

from alembic import command
from sqlalchemy import Connection

from chassis.database import connect
from chassis.migrate import PROJECT, configuration


def write(connection: Connection, service: str, message: str) -> None:
    config = configuration(service, connection)
    config.attributes["metadata"] = import_module(f"services.{service}.models").Base.metadata
    command.upgrade(config, "heads")
    versions = PROJECT / "services" / service / "migrations" / "versions"
    count = len(list(versions.glob("*.py")))
    command.revision(
        config,
        message,
        autogenerate=True,
        rev_id=f"{service}_{count + 1:04d}",
        version_path=str(versions),
        head=f"{service}@head" if count else "base",
        branch_label=None if count else service,
        depends_on=None if count else "chassis_0001",
    )


async def revise(service: str, message: str, url: str) -> None:
    engine = connect(url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(write, service, message)
    finally:
        await engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chassis.revise", description=__doc__)
    parser.add_argument("service")
    parser.add_argument("message")
    parser.add_argument("url", help="an empty database that may be written to")
    given = parser.parse_args()
    asyncio.run(revise(given.service, given.message, given.url))


if __name__ == "__main__":
    main()
