"""How long are stated facts kept, so that they can be sent again?"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import transaction

# A page of the oldest rows at a time. The service has no right to delete a fact; this function has (chassis_0002).
FORGET = text("SELECT forget_facts(CAST(:days AS double precision))")


async def forget_old_facts(engine: AsyncEngine, days: float) -> int:
    """Delete published facts that were stated more than `days` ago, in real time; returns how many.

    Never less than 30 days: receivers ask for what they miss.
    """
    forgotten = 0
    while True:
        async with transaction(engine) as session:
            page: int = await session.scalar(FORGET, {"days": days})
        forgotten += page
        if page == 0:
            return forgotten
