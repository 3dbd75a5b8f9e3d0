"""What goes on from earlier records for the same breaches when evidence replaces them? What was left, an open appeal, the term.

No more than was left is issued; where a breach came that none of them listed, the clause's own counts again. An appeal that
nobody has decided stands against the later record as well: its person has said it, and need not say it twice. And what is no
heavier lapses when the first of them would have: a correction of the file sets nobody back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.accountability import SEVERITY, Sanction
from contracts.event import SYSTEM_ACTOR
from services.accountability.models import Compensation, CompensationStatus, PenaltyRecord, RecordStatus
from services.accountability.process import escalation, matters


@dataclass(frozen=True, slots=True)
class Left:
    """The most that may be issued, and the records on which that was decided; None where nothing was taken off."""

    sanction: Sanction | None
    compensation: Decimal | None
    nos: Sequence[str]


def left_of(record: PenaltyRecord, earlier: Sequence[PenaltyRecord]) -> Left | None:
    """What decisions on the earlier ones of its matter leave of a record; None where there are none that take anything off.

    The lightest sanction and the lowest amount, as far as that is less than the record asks for.
    """
    same = [one for one in earlier if one.clause == record.clause and nothing_new(record, one)]
    sanctions = {one.no: softened for one in same if (softened := softer(one, record))}
    amounts = {one.no: lower for one in same if (lower := less(one, record)) is not None}
    if not sanctions and not amounts:
        return None
    return Left(
        min(sanctions.values(), key=SEVERITY.index, default=None),
        min(amounts.values(), default=None),
        sorted({*sanctions, *amounts}),
    )


def softer(earlier: PenaltyRecord, record: PenaltyRecord) -> Sanction | None:
    """What a decision made of the earlier one's sanction; that an escalation fell back to a warning was no decision."""
    left, asked = earlier.reduced_to, record.sanction
    fell_back = earlier.fell_back_at is not None and left == earlier.sanction
    if not left or not asked or fell_back or SEVERITY.index(Sanction(left)) > SEVERITY.index(Sanction(asked)):
        return None
    return Sanction(left)


def less(earlier: PenaltyRecord, record: PenaltyRecord) -> Decimal | None:
    """What an appeal or an objection left of the earlier one's compensation, where the record asks for more."""
    amount = earlier.compensation_reduced_to
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


def carry_over(record: PenaltyRecord, earlier: Sequence[PenaltyRecord]) -> None:
    """Set a new record to the most that may be issued, and put the appeal on it that waits for its answer.

    Who issued an earlier one, or found fault behind it, has had a hand in this one as well.
    """
    record.fault_found_by = sorted({who for one in earlier for who in one.fault_found_by})
    issued = {who for one in earlier for who in (*one.issued_before_by, one.approved_by) if who}
    record.issued_before_by = sorted(issued)
    asked = unanswered(record, earlier)
    if asked is not None:
        record.appealed_at, record.appeal_from = asked.appealed_at, asked.appeal_from or asked.no
        record.appeal, record.appeal_references = asked.appeal, asked.appeal_references
    left = left_of(record, earlier)
    if left is not None:
        record.reduced_to, record.compensation_reduced_to = left.sanction or "", left.compensation


def term_of(record: PenaltyRecord, earlier: Sequence[PenaltyRecord]) -> PenaltyRecord | None:
    """Of the earlier ones of its matter, the one whose term goes on with the record: the first to lapse of those that fell.

    Where it weighs more than they did, or lists a breach that they did not, its term is its own: that was never sanctioned before.
    """
    going_on = [one for one in earlier if one.lapses_at and one.status == RecordStatus.WITHDRAWN]
    same = [one for one in going_on if weight(one) >= weight(record) and nothing_new(record, one)]
    return min(same, key=lambda one: (one.lapses_at, one.no), default=None)


def weight(record: PenaltyRecord) -> int:
    """The higher the heavier; what asks for money alone weighs least."""
    weighs = escalation.weighs(record)
    return -1 if weighs is None else SEVERITY.index(weighs)


def nothing_new(record: PenaltyRecord, earlier: PenaltyRecord) -> bool:
    """Whether each breach of a record is one of the earlier one's, or rests on what corrects one."""
    known = {*earlier.breaches}
    return all({said["about"], *matters.corrected_by(said)} & known for said in record.facts["breaches"])


def is_over(earlier: PenaltyRecord, now: datetime) -> bool:
    """Whether its term ended before now."""
    return earlier.lapses_at is not None and earlier.lapses_at <= now


async def owes_still(session: AsyncSession, record: PenaltyRecord, earlier: Sequence[PenaltyRecord]) -> bool:
    """Whether a record asks for money, and somebody had found in time that the person owes it, which no person took back.

    The sanction of what had lapsed counts no longer; the loss is still there.
    """
    if record.compensation is None:
        return False
    row, nos = Compensation, [one.no for one in earlier]
    stands = (row.status != CompensationStatus.WITHDRAWN) | (row.withdrawn_by == SYSTEM_ACTOR)
    return bool(await session.scalar(select(exists().where(row.record_no.in_(nos), stands))))
