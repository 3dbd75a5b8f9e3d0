"""How much time has somebody who took over the post while a handover waited for it? The link's standard, from then on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.dues import LinkStandard, Standards
from chassis.instants import hours, instant, moment
from chassis.schema_people import holdings
from contracts.parts import Terms

FOLLOWED = 3
"""More changes of the post's holder than this before one due time are not followed, as before the judge."""


class Tenure(NamedTuple):
    """Somebody holds a post from a moment that was known by then, until another."""

    employee: str
    since: datetime
    until: datetime | None

    def at(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


Roster = Mapping[str, Sequence[Tenure]]
"""By post, the latest entries last."""


async def roster(session: AsyncSession) -> Roster:
    """Who held and holds each post, and from when that counts."""
    kept = holdings.c
    query = select(kept.post, kept.employee, kept.counts_from, kept.effective_until).order_by(kept.counts_from)
    found: dict[str, list[Tenure]] = {}
    for row in await session.execute(query):
        found.setdefault(row.post, []).append(Tenure(row.employee, row.counts_from, row.effective_until))
    return found


def taken_over(
    known: Standards,
    link: str,
    arrived: datetime,
    terms: Terms,
    due: datetime | None,
    tenures: Sequence[Tenure],
    assignee: str | None,
) -> datetime | None:
    """The due time for whoever will answer for it then: the person on the document, else the post's only holder."""
    said, calendar = known.rules_at(instant(arrived)).links.get(link), known.calendar
    if due is None or said is None or calendar is None:
        return due
    length = _own(terms, said, known)
    for _ in range(FOLLOWED):
        at = moment(known.forgiven_until(instant(due), arrived))
        since = took_over(tenures, who_answers(tenures, assignee, at), at)
        if since is None or since <= arrived:
            return due
        later = moment(calendar.add(instant(since), length))
        if later <= due:
            return due
        due = later
    return due


def _own(terms: Terms, said: LinkStandard, known: Standards) -> int:
    """An operation has its own standard time."""
    if terms.standard_hours is not None or known.calendar is None:
        return hours(terms.standard_hours or 0)
    return said.standard.under(known.calendar)


def who_answers(tenures: Sequence[Tenure], assignee: str | None, at: datetime) -> str | None:
    holding = {tenure.employee for tenure in tenures if tenure.at(at)}
    if assignee in holding:
        return assignee
    return next(iter(holding)) if len(holding) == 1 else None


def took_over(tenures: Sequence[Tenure], employee: str | None, at: datetime) -> datetime | None:
    """When a person took the post that they hold then; holding on by a further entry takes over nothing."""
    theirs = [tenure for tenure in reversed(tenures) if tenure.employee == employee]
    since = next((tenure.since for tenure in theirs if tenure.at(at)), None)
    for before in theirs:
        if since is not None and before.since < since and (before.until is None or since <= before.until):
            since = before.since
    return since
