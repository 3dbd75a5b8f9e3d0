"""Do the revisions make exactly the tables that the code names, and take them away again?"""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect

from chassis.database import connect
from chassis.migrate import migrate, migrate_down
from chassis.schema import BUS_TABLES
from chassis.settings import ClockMode
from tests.chassis.company import MIGRATIONS, Company
from tests.support import infra


def differences(connection: Connection) -> list[object]:
    declared = MetaData()
    for table in BUS_TABLES:
        table.to_metadata(declared)
    context = MigrationContext.configure(
        connection,
        opts={"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or name in declared.tables},
    )
    return list(compare_metadata(context, declared))


async def test_the_revision_makes_the_tables_of_the_schema(offices: Company):
    sales = await offices.member("sales")

    async with sales.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_up_and_down_and_up_again_in_one_process_for_two_services(offices: Company):
    for name in ("sales", "pmc"):
        database = f"{name}_{offices.prefix.rstrip('.')}"
        offices.databases.append(database)
        url = await infra.create_database(database)
        await migrate(name, url, ClockMode.REAL, folder=MIGRATIONS)
        await migrate_down(name, url, folder=MIGRATIONS)
        engine = connect(url, 1)
        async with engine.connect() as connection:
            left = await connection.run_sync(lambda it: inspect(it).get_table_names())
        assert left == ["alembic_version"]
        await migrate(name, url, ClockMode.REAL, folder=MIGRATIONS)
        async with engine.connect() as connection:
            assert "outbox" in await connection.run_sync(lambda it: inspect(it).get_table_names())
        await engine.dispose()
