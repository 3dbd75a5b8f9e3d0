"""Every database can be built from nothing, matches its models, and can be taken down again."""

import uuid
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from chassis.alembic_env import belongs_to_service
from chassis.database import connect
from chassis.migrate import migrate, migrate_down
from chassis.settings import ClockMode
from contracts.event import SERVICES
from tests.support import infra

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_match_the_models_and_go_down_again(service: str, postgres: str) -> None:
    name = f"migrations_{uuid.uuid4().hex[:12]}"
    url = await infra.create_database(name)
    try:
        await migrate(service, url, ClockMode.REAL)
        assert await differences(service, url) == []
        await migrate_down(service, url)
        assert await tables(url) <= {"alembic_version"}
    finally:
        await infra.drop_database(name)


async def differences(service: str, url: str) -> list[object]:
    metadata = import_module(f"services.{service}.models").Base.metadata

    def compare(connection: Connection) -> list[object]:
        options = {"include_object": belongs_to_service, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    engine = connect(url, pool_size=1)
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


async def tables(url: str) -> set[str]:
    engine = connect(url, pool_size=1)
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    await engine.dispose()
    return found
