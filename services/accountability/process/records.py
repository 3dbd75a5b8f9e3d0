"""What becomes of the judge's words? Records with their due process, suspicions, missed dates; later evidence withdraws."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import notifications
from chassis.clock import factory_now
from chassis.documents import move, next_number
from chassis.outbox import publish
from contracts.accountability import Compensation, RecordProposed, RecordWithdrawn
from contracts.event import SYSTEM_ACTOR, DutyRef
from services.accountability.compensation import compensations
from services.accountability.judge.verdicts import (
    EarlyWarning,
    FirstCause,
    Infeasible,
    RecordProposal,
    Suspected,
    Verdict,
    WarningAnswered,
    Withdrawal,
)
from services.accountability.models import MissedDate, PenaltyRecord, RecordStatus, Suspicion
from services.accountability.process import carried, escalation, matters, merits, proceedings
from services.accountability.process.grounds import facts_of, missed_date, plain


async def write(session: AsyncSession, verdicts: Sequence[Verdict]) -> None:
    """Write each verdict down, in the order in which the judge said them."""
    for verdict in verdicts:
        match verdict:
            case RecordProposal():
                await propose(session, verdict)
            case Withdrawal():
                await withdraw(session, verdict)
            case Suspected():
                await suspect(session, verdict)
            case FirstCause() | Infeasible():
                await explain(session, verdict)
            case EarlyWarning():
                await merits.write_down(session, verdict)
            case WarningAnswered():
                await merits.answer(session, verdict)
            case _:
                continue


async def propose(session: AsyncSession, proposal: RecordProposal) -> None:
    """A new record, notified to its person at once; a later revision takes the place of the earlier one.

    Where its person spoke, or somebody decided, on an earlier record of the same matter, it does not issue by itself; and no more
    is issued than an authority left of one for the same breaches, whose open appeal goes on with this one. What takes the place of
    one that had lapsed, and is no heavier, has lapsed as well, unless money that was found is still owed for it.
    """
    now = await factory_now(session)
    replaced = await find(session, proposal.key, proposal.replaces) if proposal.replaces is not None else None
    if replaced is not None:
        await retire(session, replaced, f"{proposal.because_zh} / {proposal.because_en}", ())
    record = PenaltyRecord(
        no=await next_number(session, PenaltyRecord.code, now),
        order_no=proposal.order_no or None,
        status=RecordStatus.PROPOSED,
        key=proposal.key,
        revision=proposal.revision,
        clause=proposal.clause,
        rulebook_version=proposal.rulebook_version,
        versions=[*proposal.versions],
        person=proposal.person.employee,
        post=proposal.person.post,
        acting=proposal.person.acting,
        sanction=proposal.sanction or "",
        breaches=[breach.about for breach in proposal.breaches],
        breached_at=proposal.breaches[-1].at,
        facts=facts_of(proposal),
        evidence=[proof.position for proof in proposal.evidence],
        compensation=proposal.compensation.amount if proposal.compensation else None,
        computation=proposal.compensation.computation if proposal.compensation else "",
        held_for_complaint=proposal.held_for,
        replaces=replaced.no if replaced else None,
        made_by=SYSTEM_ACTOR,
        made_at=now,
    )
    earlier = await matters.before(session, record)
    record.heard_before = any(map(matters.was_heard, earlier))
    carried.carry_over(record, earlier)
    session.add(record)
    await publish(session, stated(record, proposal))
    before = carried.term_of(record, earlier)
    if before is not None and carried.is_over(before, now) and not await carried.owes_still(session, record, earlier):
        await proceedings.lapse_at_once(session, record, before)


def stated(record: PenaltyRecord, proposal: RecordProposal) -> RecordProposed:
    compensation = proposal.compensation
    return RecordProposed(
        order_no=record.order_no,
        assignee=record.person,
        record_no=record.no,
        clause=record.clause,
        rulebook_version=record.rulebook_version,
        person=record.person,
        post=record.post,
        acting=record.acting,
        sanction=proposal.sanction,
        breaches=tuple(duty_of(breach.duty) for breach in proposal.breaches if breach.duty),
        facts=record.facts,
        evidence=tuple(record.evidence),
        compensation=Compensation(
            amount=compensation.amount,
            ceiling=compensation.ceiling,
            recorded_loss=compensation.recorded_loss,
            share_percent=compensation.share_percent,
            computation=compensation.computation,
        )
        if compensation
        else None,
        replaces=record.replaces,
        held_for_complaint=record.held_for_complaint,
    )


def duty_of(name: str) -> DutyRef:
    link, _, key = name.partition(":")
    return DutyRef(link=link, key=key)


async def find(session: AsyncSession, key: str, revision: int) -> PenaltyRecord | None:
    query = select(PenaltyRecord).where(PenaltyRecord.key == key, PenaltyRecord.revision == revision).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def withdraw(session: AsyncSession, withdrawal: Withdrawal) -> None:
    """Later evidence took the ground away; the record keeps both reasons."""
    reason = f"{withdrawal.because_zh} / {withdrawal.because_en}"
    record = await find(session, withdrawal.key, withdrawal.revision)
    if record is not None:
        await retire(session, record, reason, tuple(proof.position for proof in withdrawal.evidence))
    else:
        await session.execute(
            update(Suspicion)
            .where(Suspicion.key == withdrawal.key, Suspicion.revision == withdrawal.revision)
            .values(cleared_because=reason)
        )


async def retire(
    session: AsyncSession, record: PenaltyRecord, reason: str, evidence: tuple[int, ...], *, by: str = SYSTEM_ACTOR
) -> None:
    """The record falls, with its reason. What a person has dropped or revoked before later evidence came, stays so."""
    if record.status == RecordStatus.WITHDRAWN:
        return
    falls_back = await escalation.fall_back(session, record, reason, by=by)
    move(record, RecordStatus.WITHDRAWN)
    record.withdrawn_because, record.withdrawn_by, record.withdrawn_at = reason, by, await factory_now(session)
    record.next_step, record.next_at = None, None
    fact = RecordWithdrawn(
        order_no=record.order_no,
        record_no=record.no,
        person=record.person,
        reason=reason,
        evidence=evidence,
        withdrawn_by=by,
        falls_back=falls_back,
        person_was_told=record.notified_at is not None,
    )
    await notifications.tell(session, fact)
    await compensations.fall(session, record, reason, by)


async def suspect(session: AsyncSession, suspicion: Suspected) -> None:
    row = {
        "key": suspicion.key,
        "revision": suspicion.revision,
        "clause": suspicion.clause,
        "order_no": suspicion.order_no or None,
        "reason": suspicion.reason,
        "body": plain(asdict(suspicion)),
    }
    await session.execute(insert(Suspicion).values(row).on_conflict_do_nothing())


async def explain(session: AsyncSession, verdict: FirstCause | Infeasible) -> None:
    """Why a date was missed, as far as it is known now; later facts say it anew."""
    cause = verdict.cause.duty if isinstance(verdict, FirstCause) and verdict.cause else None
    row = {
        "order_no": verdict.order_no,
        "line_no": verdict.line_no or 0,
        "of": verdict.of,
        "cause": cause,
        "body": missed_date(verdict),
    }
    await session.execute(
        insert(MissedDate).values(row).on_conflict_do_update(index_elements=["order_no", "line_no", "of"], set_=row)
    )
