"""What stands to a person's credit? That they told of a hindrance before it made anything late."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.judge import verdicts
from services.accountability.models import EarlyWarning, PenaltyRecord
from services.accountability.process.due_process import months_later
from services.accountability.rules.rulebook import RulebookText

MOST = 20


async def write_down(session: AsyncSession, said: verdicts.EarlyWarning) -> None:
    """A warning, once, whatever is told of it again."""
    row = {"number": said.number, "order_no": said.order_no or None, "person": said.person, "at": said.at}
    await session.execute(insert(EarlyWarning).values(**row, duties=list(said.duties)).on_conflict_do_nothing())


async def answer(session: AsyncSession, said: verdicts.WarningAnswered) -> None:
    """What was decided on it; on what was told too late there is nothing to write."""
    await session.execute(update(EarlyWarning).where(EarlyWarning.number == said.number).values(accepted=said.accepted))


async def early_warnings(
    session: AsyncSession, person: str, rules: RulebookText, now: datetime
) -> Sequence[EarlyWarning]:
    """A person's warnings that count now, the latest first."""
    query = select(EarlyWarning).where(*_to_the_credit_of(person, since=counts_since(now, rules)))
    return (await session.scalars(query.order_by(EarlyWarning.at.desc()).limit(MOST))).all()


async def credit_beside(session: AsyncSession, record: PenaltyRecord, rules: RulebookText) -> int:
    """How many warnings stood to a person's credit when a record was made, under the rules that it cites."""
    counting = _to_the_credit_of(record.person, since=counts_since(record.made_at, rules))
    query = select(func.count()).select_from(EarlyWarning).where(*counting, EarlyWarning.at <= record.made_at)
    return int(await session.scalar(query) or 0)


def counts_since(at: datetime, rules: RulebookText) -> datetime:
    """A warning counts for as long as a record counts against a person."""
    return months_later(at, -rules.lapse_months)


def _to_the_credit_of(person: str, since: datetime) -> list[ColumnElement[bool]]:
    """Without those that were declined."""
    return [EarlyWarning.person == person, EarlyWarning.at >= since, EarlyWarning.accepted.is_not(False)]
