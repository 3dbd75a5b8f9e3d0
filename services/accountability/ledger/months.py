"""In which months' partitions does the ledger lie? The one writer has each opened before a fact falls into it, and the next ahead.

A month is one of `admitted`, the judge's order, in UTC: judging goes from month to month, and a month that is over changes no more.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

THERE = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'ledger'::regclass")
OPEN = text("SELECT open_ledger_month(:moment)")
AHEAD = timedelta(days=7)
# Only what another transaction has committed is remembered: a month that is opened may still be taken back.
_known: WeakKeyDictionary[Engine | Connection, set[str]] = WeakKeyDictionary()


async def have(session: AsyncSession, moments: Iterable[datetime]) -> None:
    """Let there be a month for each of these moments, and for what follows a week later."""
    wanted = {name_of(at): at for moment in moments for at in (moment, moment + AHEAD)}
    known = _known.setdefault(session.get_bind(), set())
    if wanted.keys() <= known:
        return
    known.update(await session.scalars(THERE))
    for name in sorted(wanted.keys() - known):
        await session.execute(OPEN, {"moment": wanted[name]})


def look_again(engine: AsyncEngine) -> None:
    """Believe nothing that was seen before: the database may have been restored meanwhile."""
    _known.pop(engine.sync_engine, None)


def name_of(moment: datetime) -> str:
    return f"ledger_{moment.astimezone(UTC):%Y_%m}"
