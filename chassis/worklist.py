"""What does this department owe, to whom and by when? One row per handover that arrived here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import late_words, pausing, striking
from chassis.clock import factory_now, stated_at
from chassis.driver import fetch, unnest
from chassis.dues import expected, standards, starts
from chassis.ending import close_now
from chassis.errors import NotFound
from chassis.language import Label
from chassis.outbox import publish as record
from chassis.reckoning import ONE, in_time, reckon_anew
from chassis.schema_people import duties
from chassis.telemetry import current_traceparent, link_to
from contracts.catalogue import ALL_EVENTS
from contracts.event import DutyRef, Event
from contracts.parts import Terms

COLUMNS = {
    "link": "text",
    "key": "text",
    "order_no": "text",
    "line_no": "int",
    "post": "text",
    "assignee": "text",
    "document_no": "text",
    "from_department": "text",
    "arrived_at": "timestamptz",
    "opened_at": "timestamptz",
    "due_at": "timestamptz",
    "traceparent": "text",
    "runs_from": "timestamptz",
    "terms": "text",
    "because": "text",
    "stoppers": "text",
}
STORED = [name for name in COLUMNS if name not in ("terms", "because", "stoppers")]
# A handover that was closed is opened anew, as is one that stayed for the goods' sake alone and is owed again; one that is open
# stays as it is. What halts its order when it arrives stops its clock from the start, as does what it waits for already.
DELIVER = f"""
INSERT INTO duties (attempt, {", ".join(STORED)}, terms, because, waits_for, paused_at)
SELECT 1, {", ".join(STORED)}, terms::jsonb, because::jsonb, halting.names,
    CASE WHEN halting.names <> '{{}}' THEN greatest(opened_at, runs_from) END
FROM {unnest(COLUMNS)} AS arriving ({", ".join(COLUMNS)}) CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(name ORDER BY since, name), '{{}}') AS names FROM (
        SELECT halts.kind || ':' || halts.no AS name, halts.since FROM halts
        WHERE halts.order_no = arriving.order_no AND NOT halts.ended
            AND coalesce(halts.line_no = arriving.line_no, halts.line_no IS NULL)
            AND halts.kind = ANY(string_to_array(arriving.stoppers, ' '))
        UNION ALL SELECT said.waits_for, said.told_at FROM latest_words AS said
        WHERE said.link = arriving.link AND said.key = arriving.key AND said.waits_for <> '' AND NOT said.settled
    ) AS stopping
) AS halting
ON CONFLICT (link, key) DO UPDATE
SET attempt = duties.attempt + 1, closed_at = NULL, signed_at = NULL, signed_by = NULL, arrived_at = excluded.arrived_at,
    opened_at = excluded.opened_at, terms = excluded.terms, redated = '[]',
    due_at = excluded.due_at, warned = 0, assignee = excluded.assignee, document_no = excluded.document_no,
    traceparent = excluded.traceparent, runs_from = excluded.runs_from, because = excluded.because,
    waits_for = excluded.waits_for, paused_at = excluded.paused_at, stood = 0,
    hindrance_no = NULL, hindrance_status = NULL, extension_hours = 0
WHERE duties.closed_at IS NOT NULL OR duties.because IS NOT NULL AND excluded.because IS NULL RETURNING link, key, attempt
"""  # noqa: S608 - names and types are the constants above
# The first date stays beside those that came later. Where it is not known, a new one is the first.
REDATE = """
UPDATE duties SET
    terms = $3::text::jsonb || CASE WHEN terms ->> 'required_on' IS NULL THEN '{}' ELSE
        jsonb_build_object('required_on', terms -> 'required_on') END,
    redated = CASE WHEN terms ->> 'required_on' IS NULL THEN redated ELSE redated || $4::text::jsonb END
WHERE link = $1 AND key = $2 AND closed_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Handover:
    """A handover about to be put on the worklist; `document_no` is the document a click should open.

    `because` says why it is done although nobody waits for it: it has no due time then.
    """

    duty: DutyRef
    post: str
    order_no: str | None = None
    line_no: int | None = None
    assignee: str | None = None
    document_no: str | None = None
    inputs: tuple[DutyRef, ...] = ()
    terms: Terms = Terms()
    because: Label | None = None


async def publish(session: AsyncSession, *events: Event, waits_for: DutyRef | None = None) -> None:
    """State facts; the handovers they close leave this worklist in the same transaction.

    Clocks that they pause stand still until what they wait for is closed: the fact that closes it names them again.
    """
    await record(session, *events)
    for event in events:
        if event.resumes:
            await pausing.go_on(session, event.resumes, event.closes)
        if event.pauses and waits_for is not None:
            await pausing.rest(session, event.pauses, waits_for)
    await close(session, [duty for event in events for duty in event.closes])


async def close(session: AsyncSession, closed: Sequence[DutyRef]) -> None:
    """Take handovers off the worklist: by own facts, or when another department's fact closed them.

    That is written with the facts at the transaction's end, or before anybody here looks at the worklist.
    """
    session.info["closing"].update(dict.fromkeys(closed))


async def deliver(session: AsyncSession, *handovers: Handover) -> None:
    """Put handovers on the worklist and state that they arrived: from here on their clocks may run."""
    if not handovers:
        return
    if not session.info["closing"].keys().isdisjoint(handover.duty for handover in handovers):
        await close_now(session)
    now = await factory_now(session)
    rows = [await row_of(session, handover, now) for handover in handovers]
    session.info["touched"].update(row["order_no"] for row in rows)
    stored = await fetch(session, DELIVER, *([row[name] for row in rows] for name in COLUMNS))
    attempts = {(row["link"], row["key"]): row["attempt"] for row in stored}
    delivered = ALL_EVENTS[f"{session.info['service']}.handover_delivered.v1"]
    envelope = session.info.get("envelope")
    facts = [
        delivered(
            order_no=handover.order_no,
            assignee=handover.assignee,
            duty=handover.duty,
            post=handover.post,
            line_no=handover.line_no,
            inputs=handover.inputs,
            given_by=(str(envelope.id),) if envelope else (),
            given_at=envelope.time if envelope else None,
            terms=handover.terms,
            attempt=attempts[handover.duty.link, handover.duty.key],
        )
        for handover in handovers
        if (handover.duty.link, handover.duty.key) in attempts
    ]
    await record(session, *facts)


async def row_of(session: AsyncSession, handover: Handover, now: Any) -> dict[str, Any]:
    envelope, starts_at = session.info.get("envelope"), handover.terms.starts_at
    opened, known = max(now, starts_at) if starts_at else now, await standards(session)
    because, link = handover.because, handover.duty.link
    return {
        "link": link,
        "key": handover.duty.key,
        "order_no": handover.order_no,
        "line_no": handover.line_no,
        "post": handover.post,
        "assignee": handover.assignee,
        "document_no": handover.document_no,
        "from_department": envelope.source if envelope else session.info["service"],
        "arrived_at": now,
        "opened_at": opened,
        "due_at": None if because else expected(known, link, now, handover.terms),
        "traceparent": current_traceparent(),
        "runs_from": starts(known, now, handover.terms),
        "terms": handover.terms.model_dump_json(),
        "because": orjson.dumps(striking.said(because)).decode() if because else None,
        "stoppers": " ".join(sorted(known.stopped_by(link, now))),
    }


async def is_open(session: AsyncSession, duty: DutyRef) -> bool:
    await close_now(session)
    query = select(duties.c.key).where(
        duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None)
    )
    return await session.scalar(query) is not None


async def terms_of(session: AsyncSession, asked: Sequence[DutyRef]) -> dict[DutyRef, Terms]:
    """The terms of those of these handovers that are owed now."""
    await close_now(session)
    names = tuple_(duties.c.link, duties.c.key).in_([(duty.link, duty.key) for duty in asked])
    query = select(duties.c.link, duties.c.key, duties.c.terms).where(names, duties.c.closed_at.is_(None))
    found = (await session.execute(query)).all()
    return {DutyRef(link=row.link, key=row.key): Terms.model_validate(row.terms or {}) for row in found}


async def sign(session: AsyncSession, duty: DutyRef, employee: str) -> None:
    """A person signs for a handover (签收); the first signature counts, a later one changes nothing."""
    await close_now(session)
    this = (duties.c.link == duty.link, duties.c.key == duty.key)
    signed = (
        await session.execute(
            update(duties)
            .where(*this, duties.c.signed_at.is_(None))
            .values(signed_at=await factory_now(session), signed_by=employee)
            .returning(duties.c.order_no, duties.c.traceparent)
        )
    ).one_or_none()
    if signed is not None:
        session.info["touched"].add(signed.order_no)
        link_to(signed.traceparent)
        fact = ALL_EVENTS[f"{session.info['service']}.handover_signed.v1"]
        await record(session, fact(order_no=signed.order_no, assignee=employee, duty=duty, signed_by=employee))
    elif await session.scalar(select(duties.c.key).where(*this)) is None:
        raise NotFound(kind=Label("交接", "handover"), no=str(duty))


async def drop_order(session: AsyncSession, order_no: str) -> None:
    """A cancelled order's handovers leave the worklist; the judge stops their clocks by the cancellation itself."""
    await striking.strike_order(session, order_no)


async def redate(session: AsyncSession, duty: DutyRef, terms: Terms, known: datetime | None = None) -> None:
    """Other terms hold for a handover that is on the worklist; when it arrived does not change.

    An earlier date leaves the standard time from now on. Once the due time is over no date moves it, unless what led to it was
    `known` before: a delay that was reported in time. With more time the handover is warned of anew.
    """
    await close_now(session)
    if terms.required_on is not None:
        await late_words.tell_of_date(session, duty, terms.required_on)
    at = await stated_at(session)
    this = (duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None))
    row = (await session.execute(select(duties).where(*this).with_for_update())).one_or_none()
    if row is None:
        return
    if in_time(await standards(session), row, known or at):
        known = row.arrived_at  # whatever the clock had stood by now
    dates = [{"required_on": terms.required_on, "at": at, "known": known or at}] if terms.required_on else []
    await fetch(session, REDATE, duty.link, duty.key, terms.model_dump_json(), orjson.dumps(dates).decode())
    await reckon_anew(session, ONE, duty.link, duty.key)


async def assign(session: AsyncSession, duty: DutyRef, assignee: str | None) -> None:
    """An open handover is this person's from now on; with nobody named it is the post's again."""
    await close_now(session)
    this = (duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None))
    changed = update(duties).where(*this).values(assignee=assignee).returning(duties.c.order_no)
    session.info["touched"].update(await session.scalars(changed))


async def reassign(session: AsyncSession, duty: DutyRef, post: str) -> None:
    """An open handover turned out to be another post's."""
    await close_now(session)
    this = (duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None))
    changed = update(duties).where(*this, duties.c.post != post).values(post=post).returning(duties.c.order_no)
    session.info["touched"].update(await session.scalars(changed))
