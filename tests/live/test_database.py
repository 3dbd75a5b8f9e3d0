"""Is what was acknowledged kept when the database server dies in the middle of it?"""

import asyncio
import random
import uuid
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from chassis.migrate import migrate
from chassis.settings import ClockMode
from deploy.local.postgres import PostgresServer
from tests.chassis.company import MIGRATIONS, Company, Member, Ordered, until
from tests.live.books import balanced, check_books

pytestmark = pytest.mark.live

SECONDS = 6.0


async def member_on(server: PostgresServer, company: Company, name: str) -> Member:
    database = f"{name}_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(server.admin_url)
    await admin.execute(f'CREATE DATABASE "{database}"')
    await admin.close()
    url = urlunsplit(urlsplit(server.admin_url)._replace(path=f"/{database}"))
    await migrate(name, url, ClockMode.REAL, folder=MIGRATIONS)
    return await company.member(name, database_url=url)


async def order(sales: Member, acknowledged: set[int], doubtful: set[int]) -> None:
    """Commands one after the other; one whose commit was cut off may have happened or not."""
    end = asyncio.get_running_loop().time() + SECONDS
    n = 0
    while asyncio.get_running_loop().time() < end:
        n += 1
        try:
            await sales.state(Ordered(n=n))
            acknowledged.add(n)
        except Exception:
            doubtful.add(n)
            await asyncio.sleep(0.05)


async def test_a_database_server_killed_again_and_again_keeps_every_acknowledged_fact(
    company: Company, server: PostgresServer
):
    members = [await member_on(server, company, name) for name in ("sales", "pmc", "warehouse")]
    for member in members:
        await member.start()
    acknowledged: set[int] = set()
    doubtful: set[int] = set()
    ordering = asyncio.create_task(order(members[0], acknowledged, doubtful))
    for _ in range(3):
        await asyncio.sleep(random.uniform(0.5, 1.2))
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
    await ordering

    happened = {
        row.n
        for row in await members[0].rows(
            "SELECT (data ->> 'n')::bigint AS n FROM outbox WHERE event = :event", event=Ordered.name
        )
    }
    assert acknowledged <= happened <= acknowledged | doubtful
    await until(lambda: balanced(company, len(happened)), within=60)
    await check_books(company, happened)
