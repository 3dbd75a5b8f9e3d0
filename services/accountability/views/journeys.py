"""How does an order's way through the company look as one trace? The order, and in it every handover that has ended.

A span is told once, when a handover or an order is first judged to have ended. It cannot be taken back: later evidence shows
on the timeline alone. Its ids follow from order, handover and attempt, so one that is told twice (a ledger that is judged
anew) is the same span again, and Jaeger shows it once. A killed service may owe its last seconds' spans for ever. Times are
the factory's. Posts are named, persons never.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.hindsight import PastSpan
from chassis.language import word
from chassis.telemetry import ORDER, journey
from services.accountability import queries
from services.accountability.figures.outcomes import outcome_of
from services.accountability.judge.state import COMPANY, Attempt, Duty, State
from services.accountability.judge.verdicts import DutyStatus, DutyVerdict, FirstCause, OrderEnded, Verdict
from services.accountability.queries import Clauses
from services.accountability.views.timelines import Handover, Timeline, handover, timeline


async def ended(session: AsyncSession, state: State, verdicts: Sequence[Verdict]) -> list[PastSpan]:
    """What has ended by these verdicts, as it stands now."""
    over = [verdict for verdict in verdicts if isinstance(verdict, DutyVerdict) and verdict.ends]
    clauses = await queries.clauses_of(session, {verdict.order_no for verdict in over}) if over else {}
    return list(spans(state, verdicts, clauses))


def spans(state: State, verdicts: Iterable[Verdict], clauses: Clauses) -> Iterable[PastSpan]:
    """A span for each verdict that says an end; what belongs to no order is on no journey."""
    for verdict in verdicts:
        match verdict:
            case DutyVerdict(ends=True, order_no=order_no) if order_no != COMPANY:
                duty = state.duties[verdict.duty]
                attempt = next(known for known in duty.attempts if known.number == verdict.attempt)
                yield of_handover(state, duty, attempt, clauses)
            case OrderEnded():
                found = timeline(state, verdict.order_no, now=verdict.at)
                if found is not None:
                    yield of_order(found, verdict.at)


def of_handover(state: State, duty: Duty, attempt: Attempt, clauses: Clauses) -> PastSpan:
    """From the arrival on the worklist to the end; it points to what it had waited for."""
    case = state.case(duty.order_no)
    one = handover(state, case, duty, attempt, state.now)
    marks = {"signed": one.signed_at, "due": one.due_at}
    said = {
        ORDER: duty.order_no,
        "handover.department": attempt.service,
        "handover.outcome": str(outcome_of(state, duty, attempt).outcome),
        "handover.clauses": clauses.get((duty.order_no, about(one))),
    }
    return PastSpan(
        trace=journey(duty.order_no),
        name=f"{one.duty}#{one.attempt}",
        parent=duty.order_no,
        title=word(one.link).en,
        started_at=one.delivered_at,
        ended_at=max(one.delivered_at, one.ended_at or one.delivered_at),
        attributes=known(said | facts_of(one)),
        events=tuple((name, at) for name, at in marks.items() if at),
        links=tuple(waited_for(state, attempt)),
        failed=one.status is DutyStatus.OVERRAN,
    )


def facts_of(one: Handover) -> dict[str, Any]:
    return {
        "handover.link": one.link,
        "handover.key": one.key,
        "handover.attempt": one.attempt,
        "handover.line_no": one.line_no,
        "handover.post": one.post,
        "handover.due_at": one.due_at.isoformat() if one.due_at else None,
        "handover.overrun_hours": hours(one.overrun) if one.status is DutyStatus.OVERRAN else None,
        "handover.excuses": sorted({excuse.reason for excuse in one.excuses}) or None,
    }


def of_order(found: Timeline, at: datetime) -> PastSpan:
    """The order itself, from its first handover until it had left or was given up; some handovers may still be open then."""
    causes = [date.cause.duty for date in found.missed if isinstance(date, FirstCause) and date.cause]
    late = any(line.missed for line in found.lines)
    left_open = [] if found.cancelled_at else [one.duty for one in found.handovers if is_open(one, at)]
    said = {
        ORDER: found.order_no,
        "order.outcome": "cancelled" if found.cancelled_at else "date_missed" if late else "shipped_in_time",
        "order.first_causes": causes or None,
        "order.overran": sum(one.status is DutyStatus.OVERRAN for one in found.handovers),
        "order.still_open": left_open or None,
    }
    return PastSpan(
        trace=journey(found.order_no),
        name=found.order_no,
        title="order journey",
        started_at=min((one.delivered_at for one in found.handovers), default=at),
        ended_at=at,
        attributes=known(said),
        failed=late,
    )


def is_open(one: Handover, at: datetime) -> bool:
    """Whether it was owed at a moment; a line that was taken off the order owes nothing."""
    owed = one.status is not DutyStatus.CANCELLED and one.delivered_at <= at
    return owed and (one.ended_at is None or one.ended_at > at)


def waited_for(state: State, attempt: Attempt) -> Iterable[str]:
    """The attempts whose end let this one begin."""
    for name in attempt.inputs:
        known = state.duties[name].attempts if name in state.duties else []
        before = [one for one in known if one.closed and one.closed.at <= attempt.opened.at]
        if before:
            yield f"{name}#{before[-1].number}"


def about(one: Handover) -> str:
    """How a record calls this attempt among its breaches."""
    return one.duty if one.attempt == 1 else f"{one.duty}#{one.attempt}"


def hours(length: timedelta) -> float:
    """Working hours, to the minute."""
    return round(length / timedelta(hours=1), 2)


def known(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
