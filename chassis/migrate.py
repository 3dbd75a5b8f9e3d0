"""How does a service's database get to the newest revision? `python -m chassis.migrate SERVICE|all`, as its owner."""

import argparse
import asyncio
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import orjson
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text

from chassis.clock import install_clock
from chassis.database import connect
from chassis.rights import grant_rights
from chassis.schema_people import acts
from chassis.settings import ClockMode

PROJECT = Path(__file__).parent.parent
OWN = text("SELECT current_database()")
CHASSIS_VERSIONS = PROJECT / "chassis" / "versions"


def configuration(service: str, connection: Connection, *, folder: Path | None = None) -> Config:
    """Alembic's configuration for one service, by path: there is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(folder or PROJECT / "chassis" / "alembic").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if folder is None:
        versions = PROJECT / "services" / service / "migrations" / "versions"
        config.set_main_option("version_locations", f"{CHASSIS_VERSIONS}{os.pathsep}{versions}")
    config.attributes["connection"] = connection
    return config


async def migrate(
    service: str,
    url: str,
    mode: ClockMode,
    *,
    target: str = "heads",
    folder: Path | None = None,
    role: str | None = None,
) -> None:
    """Bring one database to `target` (the chassis' and the service's own newest), install its clock and grant rights.

    `url` is the owner's. The service's role carries the database's name unless another is given. Replicas that start
    together take turns.
    """
    engine = connect(url, pool_size=1, application_name=f"handover-migrate-{service}")
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('migrate', 0))")
            await connection.run_sync(_to(command.upgrade, service, target, folder))
            await install_clock(connection, mode)
            await grant_rights(
                connection, role or await connection.scalar(OWN), acts.metadata, *_own_tables(service, folder)
            )
    finally:
        await engine.dispose()


async def migrate_down(service: str, url: str, *, target: str = "base", folder: Path | None = None) -> None:
    """Take one database back to `target`."""
    engine = connect(url, pool_size=1, application_name=f"handover-migrate-{service}")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_to(command.downgrade, service, target, folder))
    finally:
        await engine.dispose()


def _own_tables(service: str, folder: Path | None) -> list[MetaData]:
    """What the service itself declares."""
    return [] if folder else [import_module(f"services.{service}.models").Base.metadata]


def _to(
    step: Callable[[Config, str], None], service: str, target: str, folder: Path | None
) -> Callable[[Connection], None]:
    return lambda connection: step(configuration(service, connection, folder=folder), target)


async def _migrate_all(urls: Mapping[str, str], mode: ClockMode) -> None:
    for service, url in urls.items():
        await migrate(service, url, mode)


def _urls(service: str) -> dict[str, str]:
    """The databases named by the environment, each with its owner's name and password: one service's, or all."""
    if service == "all":
        urls: dict[str, str] = orjson.loads(os.environ["HANDOVER_DATABASE_URLS"])
        return urls
    return {service: os.environ["HANDOVER_DATABASE_URL"]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chassis.migrate", description=__doc__)
    parser.add_argument("service", help="the service's name, or `all` with HANDOVER_DATABASE_URLS as JSON by service")
    service: str = parser.parse_args().service
    mode = ClockMode(os.environ.get("HANDOVER_CLOCK", ClockMode.REAL))
    asyncio.run(_migrate_all(_urls(service), mode))


if __name__ == "__main__":
    main()
