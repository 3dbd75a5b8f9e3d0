"""How do the figures' tables follow the judge? Written in the transaction that writes its verdicts and moves its cursor."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import fetch, unnest
from services.accountability.figures.models_outcomes import HandoverOutcome, LostDate
from services.accountability.figures.outcomes import Changed, Lost, Outcome, changed, everything
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import Verdict

AT_ONCE = 2_000
TYPES = {
    **dict.fromkeys(("attempt", "line_no"), "int"),
    **dict.fromkeys(("opened_at", "due_at", "ended_at"), "timestamptz"),
    **dict.fromkeys(("overrun", "excused"), "interval"),
    "month": "date",
}
COLUMNS = {field.name: TYPES.get(field.name, "text") for field in fields(Outcome)}
SAVE = f"""
INSERT INTO handover_outcomes ({", ".join(COLUMNS)}) SELECT * FROM {unnest(COLUMNS)}
ON CONFLICT (duty, attempt) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
"""  # noqa: S608 - the names are the dataclass's


async def write(session: AsyncSession, state: State, verdicts: Sequence[Verdict]) -> None:
    """Follow what was just said."""
    await save(session, changed(state, verdicts))


async def refill(session: AsyncSession, state: State) -> None:
    """Write everything down where nothing was yet: the judge had spoken before these tables were there."""
    known = await session.scalar(select(HandoverOutcome.duty).limit(1))
    if known is None and state.duties:
        await save(session, everything(state))


async def save(session: AsyncSession, found: Changed) -> None:
    for start in range(0, len(found.outcomes), AT_ONCE):
        await fetch(session, SAVE, *columns_of(found.outcomes[start : start + AT_ONCE]))
    if found.orders:
        await session.execute(delete(LostDate).where(LostDate.order_no.in_(found.orders)))
    if found.lost:
        await session.execute(insert(LostDate), [row_of(lost) for lost in found.lost])


def columns_of(outcomes: Sequence[Outcome]) -> Iterable[list[Any]]:
    return (
        [str(value) if kind == "text" and value is not None else value for value in map(attrgetter(name), outcomes)]
        for name, kind in COLUMNS.items()
    )


def row_of(lost: Lost) -> dict[str, Any]:
    return {field.name: getattr(lost, field.name) for field in fields(Lost)}
