"""When is what is open due under a new calendar, rulebook, date or holder of its post? As the judge will have it, at once."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import people
from chassis.driver import fetch, unnest
from chassis.dues import CALENDAR, RULES, Redated, Standards, expected, keep, later, standards, starts
from chassis.ending import close_now
from chassis.instants import hours, instant
from chassis.taking_over import Roster, roster, taken_over
from contracts.accountability import CalendarSet, PostAssigned, PostEnded, RulebookActivated
from contracts.parts import Terms

# What stays for the goods' sake alone has no due time; of what came before terms were kept, some are not known.
OPEN = """
SELECT link, key, order_no, post, assignee, arrived_at, due_at, runs_from, terms::text, redated::text, extension_hours, stood
FROM duties
WHERE closed_at IS NULL AND because IS NULL AND terms IS NOT NULL AND {which} ORDER BY link, key FOR UPDATE
"""
COLUMNS = {"link": "text", "key": "text", "due_at": "timestamptz", "runs_from": "timestamptz"}
MOVE = f"""
UPDATE duties SET due_at = moved.due_at, runs_from = moved.runs_from,
    warned = CASE WHEN duties.due_at < moved.due_at THEN 0 ELSE duties.warned END
FROM {unnest(COLUMNS)} AS moved ({", ".join(COLUMNS)}) WHERE duties.link = moved.link AND duties.key = moved.key
"""  # noqa: S608 - names and types are the constants above
ONE, OF_POST = "link = $1 AND key = $2", "post = $1"


async def on_calendar_set(event: CalendarSet, session: AsyncSession) -> None:
    await keep(session, CALENDAR, event.calendar_no, event.model_dump(mode="json"))
    await reckon_anew(session)


async def on_rulebook_activated(event: RulebookActivated, session: AsyncSession) -> None:
    rules = {name: event.rules[name] for name in ("links", "tolerance_seconds")}
    await keep(session, RULES, event.version, rules, event.effective_from)
    await reckon_anew(session)


async def on_post_assigned(event: PostAssigned, session: AsyncSession) -> None:
    await people.on_post_assigned(event, session)
    await reckon_anew(session, OF_POST, event.post)


async def on_post_ended(event: PostEnded, session: AsyncSession) -> None:
    await people.on_post_ended(event, session)
    await reckon_anew(session, OF_POST, event.post)


async def reckon_anew(session: AsyncSession, which: str = "true", *values: Any) -> None:
    """Open due times under everything heard by now; with more time a handover is warned of anew."""
    await close_now(session)
    rows = await fetch(session, OPEN.format(which=which), *values)
    if not rows:
        return
    known, held = await standards(session), await roster(session)
    changed = [(row, due, start) for row in rows for due, start in [reckoned(known, held, row)] if due != row["due_at"]]
    if changed:
        session.info["touched"].update(row["order_no"] for row, _, _ in changed)
        moved = [(row["link"], row["key"], due, start) for row, due, start in changed]
        await fetch(session, MOVE, *map(list, zip(*moved, strict=True)))


def reckoned(known: Standards, held: Roster, row: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """When what a row says is due, and when its clock starts where it does not start with the arrival.

    Dates count in the order in which they were set, whichever was heard first.
    """
    terms = Terms.model_validate_json(row["terms"])
    redated = [
        Redated(date.fromisoformat(each["required_on"]), *(datetime.fromisoformat(each[it]) for it in ("at", "known")))
        for each in orjson.loads(row["redated"])
    ]
    redated.sort(key=lambda each: each.at)
    due = expected(known, row["link"], row["arrived_at"], terms, redated)
    due = later(known, due, hours(row["extension_hours"]) + row["stood"])
    due = taken_over(known, row["link"], row["arrived_at"], terms, due, held.get(row["post"], ()), row["assignee"])
    return due, starts(known, row["arrived_at"], terms)


def in_time(known: Standards, row: Any, at: datetime) -> bool:
    """Whether something was told before a handover was late; while its clock stands nothing comes to be late."""
    if row.due_at is None or known.calendar is None or (row.paused_at is not None and row.paused_at <= row.due_at):
        return True
    return instant(at) <= known.forgiven_until(instant(row.due_at), row.arrived_at)
