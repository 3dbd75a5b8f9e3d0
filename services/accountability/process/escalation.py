"""When do several warnings become a minor demerit, and what becomes of that when one of them falls?

Only by a named person's decision, only where the person was told in the notice which earlier warnings count, and only once
for each of them. What HR has not decided so stays a warning.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, any_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from chassis.clock import factory_now
from chassis.errors import Refusal
from chassis.language import Label, listed
from contracts.accountability import Sanction
from services.accountability.models import PenaltyRecord, RecordStatus
from services.accountability.rules.rulebook import RulebookText
from services.accountability.rules.rulebook_escalation import warnings_needed

COUNTS = (RecordStatus.ISSUED, RecordStatus.IN_EFFECT)
ON_FILE = (*COUNTS, RecordStatus.LAPSED)


class EscalationOff(Refusal):
    status, code, field = 422, "escalation_off", "escalate"
    message = Label(
        "责任条款 {version} 不把多次警告升级(escalation 为 false)。请不勾选升级,按警告发出。",
        "Rulebook {version} does not let warnings become anything heavier (escalation is false). "
        "Please issue it as a warning.",
    )


class TooFewWarnings(Refusal):
    status, code, field = 422, "too_few_warnings", "escalate"
    message = Label(
        "{no} 不能升级:须有 {others} 份此前的警告在通知时告知过当事人、现在仍计入;现在只有 {count} 份({counting})。"
        "请不勾选升级,按警告发出。",
        "{no} cannot be escalated: {others} earlier warnings must have been named in the notice and still count; there are "
        "{count} now ({counting}). Please issue it as a warning.",
    )


class EscalationUnexplained(Refusal):
    status, code, field = 422, "escalation_unexplained", "reason"
    message = Label(
        "请在原因中写明为什么把 {no} 升级为小过。", "Please say in the reason why {no} is to become a minor demerit."
    )


def weighs(record: PenaltyRecord) -> Sanction | None:
    """What a record weighs after what was decided on it; None where it asks for money alone."""
    weight = record.reduced_to or record.escalated_to or record.sanction
    return Sanction(weight) if weight else None


async def earlier_warnings(session: AsyncSession, record: PenaltyRecord, rules: RulebookText) -> list[str]:
    """The person's other warnings that count now, if with them this one may be escalated; none otherwise.

    What an authority has left of an earlier record for the same becomes no heavier.
    """
    least = warnings_needed(rules)
    if least is None or record.sanction != Sanction.WARNING or record.reduced_to:
        return []
    others = await counting(session, record)
    return others if len(others) >= least - 1 else []


def nth_warning(record: PenaltyRecord) -> int | None:
    """Which of the warnings that count together it is; None where nothing heavier may come of it."""
    return len(record.warned_before) + 1 if record.warned_before else None


async def counting(session: AsyncSession, record: PenaltyRecord) -> list[str]:
    """The person's other warnings that count now and were not counted before, the earliest first."""
    query = select(PenaltyRecord.no).where(
        PenaltyRecord.person == record.person,
        PenaltyRecord.no != record.no,
        *_counts(await factory_now(session)),
    )
    return list(await session.scalars(query.order_by(PenaltyRecord.no)))


def _counts(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """A warning that is issued or in effect and that no escalation has counted."""
    one = PenaltyRecord
    return (
        one.status.in_(COUNTS),
        or_(one.lapses_at.is_(None), one.lapses_at > now),
        one.weighs == Sanction.WARNING,
        ~_counted_already(),
    )


def _counted_already() -> ColumnElement[bool]:
    """An escalation that fell counts for nothing; one that an appeal has reduced was decided on, and is not tried again."""
    other = aliased(PenaltyRecord)
    return exists().where(
        other.person == PenaltyRecord.person,
        PenaltyRecord.no == any_(other.counted_with),
        other.status != RecordStatus.WITHDRAWN,
        other.fell_back_at.is_(None),
    )


async def hold(session: AsyncSession, no: str) -> None:
    """Keep the warnings that a record may count from falling meanwhile.

    They are locked before the record itself, the earliest first, as they are when one of them falls.
    """
    told = await session.scalar(select(PenaltyRecord.warned_before).where(PenaltyRecord.no == no))
    held = select(PenaltyRecord.no).where(PenaltyRecord.no.in_(told or ())).order_by(PenaltyRecord.no)
    await session.execute(held.with_for_update())


async def still_counting(session: AsyncSession, record: PenaltyRecord) -> list[str]:
    """Of the warnings that the notice named, those that count now."""
    if not record.warned_before:
        return []
    counts = await counting(session, record)
    return [no for no in record.warned_before if no in counts]


def mark_escalated(record: PenaltyRecord, still: Sequence[str], rules: RulebookText) -> None:
    """Make a minor demerit of it; as many of the latest warnings are counted as the rulebook asks for, and no more.

    Raises EscalationOff, TooFewWarnings, EscalationUnexplained.
    """
    least = warnings_needed(rules)
    if least is None:
        raise EscalationOff(version=record.rulebook_version)
    if len(still) < least - 1:
        shown = listed(still) if still else "—"
        raise TooFewWarnings(no=record.no, others=least - 1, count=len(still), counting=shown)
    if not record.decision_reason:
        raise EscalationUnexplained(no=record.no)
    record.escalated_to, record.counted_with = Sanction.MINOR_DEMERIT, list(still[1 - least :])


async def fall_back(session: AsyncSession, fallen: PenaltyRecord, reason: str, *, by: str) -> str | None:
    """A counted record falls: what was escalated with it is a warning again. Its number, for the fact to tell."""
    escalated = await counted_in(session, fallen, hold=True)
    if escalated is None or escalated.reduced_to:
        return None
    mark_fallen_back(escalated, fallen.no, reason, by=by, now=await factory_now(session))
    return escalated.no


async def fallen_back_since(session: AsyncSession, since: datetime, *, but_of: str) -> list[str]:
    """The records that are a warning again since then, the latest first; without those of one person."""
    query = select(PenaltyRecord.no).where(
        PenaltyRecord.fell_back_at > since, PenaltyRecord.status.in_(ON_FILE), PenaltyRecord.person != but_of
    )
    return list(await session.scalars(query.order_by(PenaltyRecord.fell_back_at.desc(), PenaltyRecord.no)))


def mark_fallen_back(escalated: PenaltyRecord, fallen_no: str, reason: str, *, by: str, now: datetime) -> None:
    """Why it was escalated stays beside why that fell."""
    escalated.reduced_to = Sanction.WARNING
    escalated.fell_back_at, escalated.fell_back_with = now, fallen_no
    escalated.fell_back_by, escalated.fell_back_because = by, reason


async def counted_in(session: AsyncSession, record: PenaltyRecord, *, hold: bool = False) -> PenaltyRecord | None:
    """The record whose escalation counts this one, unless that has fallen."""
    query = select(PenaltyRecord).where(
        PenaltyRecord.person == record.person,
        any_(PenaltyRecord.counted_with) == record.no,
        PenaltyRecord.status.in_(ON_FILE),
        PenaltyRecord.fell_back_at.is_(None),
    )
    query = query.with_for_update().execution_options(populate_existing=True) if hold else query
    return (await session.scalars(query)).one_or_none()
