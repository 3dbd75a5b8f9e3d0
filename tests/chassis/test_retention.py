"""Are facts kept as long as they may have to be sent again, and no longer?"""

import asyncpg

from chassis.numbering import Chain, finished_rows
from chassis.retention import forget_old_facts
from tests.chassis.company import Member, Ordered

LONG_AGO = "UPDATE outbox SET event_id = '00000000-0000-7000-8000-000000000000' WHERE id <= :last"


async def test_only_old_and_published_facts_are_forgotten(sales: Member):
    await sales.state(*(Ordered(n=n) for n in range(5)))
    connection = await asyncpg.connect(sales.settings.database_url)
    try:
        await (await Chain.resume(connection, "sales")).number(await finished_rows(connection, 4))
    finally:
        await connection.close()
    await sales.change("UPDATE relay_state SET published_sequence = 3")
    await sales.change(LONG_AGO, last=2)

    assert await forget_old_facts(sales.engine, days=400) == 2
    await sales.change(LONG_AGO, last=5)
    assert await forget_old_facts(sales.engine, days=400) == 1

    assert [row.sequence for row in await sales.rows("SELECT sequence FROM outbox ORDER BY id")] == [4, None]
