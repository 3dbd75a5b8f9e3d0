"""What goes on from earlier records for the same breaches when evidence replaces them? What an authority left, and an open appeal.

No more than was left is issued; where a breach came that none of them listed, the clause's own counts again. An appeal that
nobody has decided stands against the later record as well: its person has said it, and need not say it twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.accountability import Sanction
from contracts.event import SYSTEM_ACTOR
from services.accountability.models import Compensation, PenaltyRecord
from services.accountability.process import matters

LADDER = tuple(Sanction)
"""From the lightest to the heaviest, as the contract lists them."""


@dataclass(frozen=True, slots=True)
class Left:
    """The most that may be issued, and the records on which that was decided; None where nothing was taken off."""

    sanction: Sanction | None
    compensation: Decimal | None
    nos: Sequence[str]


async def left_of(session: AsyncSession, record: PenaltyRecord) -> Left | None:
    """What earlier decisions leave of a record; None where there are none that take anything off."""
    row = PenaltyRecord
    query = select(row).where(row.key == record.key, row.person == record.person, row.no < record.no).order_by(row.no)
    earlier = [one for one in await session.scalars(query) if set(record.breaches) <= set(one.breaches)]
    objected = select(Compensation.record_no, Compensation.objection_reduced_to).where(
        Compensation.record_no.in_([one.no for one in earlier]), Compensation.objection_reduced_to.is_not(None)
    )
    objections = {found.record_no: found.objection_reduced_to for found in await session.execute(objected)}
    return least(record, earlier, objections) if earlier else None


def least(record: PenaltyRecord, earlier: Sequence[PenaltyRecord], objections: dict[str, Decimal]) -> Left | None:
    """The lightest sanction and the lowest amount that were left, as far as that is less than the record asks for."""
    sanctions = {one.no: softened for one in earlier if (softened := softer(one, record))}
    amounts = {one.no: lower for one in earlier if (lower := less(one, record, objections.get(one.no))) is not None}
    if not sanctions and not amounts:
        return None
    return Left(
        min(sanctions.values(), key=LADDER.index, default=None),
        min(amounts.values(), default=None),
        sorted({*sanctions, *amounts}),
    )


def softer(earlier: PenaltyRecord, record: PenaltyRecord) -> Sanction | None:
    """What a decision made of the earlier one's sanction; that an escalation fell back to a warning was no decision."""
    left, asked = earlier.reduced_to, record.sanction
    fell_back = earlier.fell_back_at is not None and left == earlier.sanction
    if not left or not asked or fell_back or LADDER.index(Sanction(left)) > LADDER.index(Sanction(asked)):
        return None
    return Sanction(left)


def less(earlier: PenaltyRecord, record: PenaltyRecord, objected: Decimal | None) -> Decimal | None:
    """What an appeal or an objection left of the earlier one's compensation, where the record asks for more."""
    left = [amount for amount in (earlier.compensation_reduced_to, objected) if amount is not None]
    amount = min(left, default=None)
    return amount if amount is not None and record.compensation is not None and amount < record.compensation else None


def unanswered(record: PenaltyRecord, earlier: Sequence[PenaltyRecord]) -> PenaltyRecord | None:
    """Of the earlier ones of its matter, the last on which its person appealed, where evidence let it fall before anybody decided.

    What somebody dropped or revoked was answered by that.
    """
    same = {*record.breaches, *matters.corrected(record)}
    appealed = [one for one in earlier if one.appealed_at and not same.isdisjoint(one.breaches)]
    last = max(appealed, key=lambda one: one.no, default=None)
    if last is None or last.appeal_decided_at or last.withdrawn_by != SYSTEM_ACTOR or last.sealed_at:
        return None
    return last


async def carry_over(session: AsyncSession, record: PenaltyRecord, earlier: Sequence[PenaltyRecord]) -> None:
    """Set a new record to the most that may be issued, and put the appeal on it that waits for its answer."""
    asked = unanswered(record, earlier)
    if asked is not None:
        record.appealed_at, record.appeal_from = asked.appealed_at, asked.appeal_from or asked.no
        record.appeal, record.appeal_references = asked.appeal, asked.appeal_references
    left = await left_of(session, record)
    if left is not None:
        record.reduced_to, record.compensation_reduced_to = left.sanction or "", left.compensation
