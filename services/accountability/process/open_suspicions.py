"""Which suspicions has nobody cleared, and which of them are this person's to clear?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.language import Label
from chassis.people import Person
from contracts.breach_words import kind_of
from services.accountability.findings.finding_gates import GENERAL_MANAGER, Issued, issued_rules
from services.accountability.models import Suspicion
from services.accountability.people.staff import MANAGERS
from services.accountability.privacy.seeing import sees_all
from services.accountability.rules.rulebook import Rulebook

Place = tuple[datetime, str]
"""Where a suspicion stands in the list: when it was, and its key."""


@dataclass(frozen=True, slots=True)
class Open:
    """A suspicion that nobody has cleared: since when, what about, why nobody is named, and who may clear it."""

    suspicion: Suspicion
    at: datetime
    about: str
    what: Label
    reason: Label
    among: str
    manager: str
    may_clear: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page of them, how many there are in all, and after which to go on."""

    shown: Sequence[Open]
    in_all: int
    next: Place | None


async def unsettled(
    session: AsyncSession, person: Person, order_no: str = "", *, after: Place | None = None, most: int
) -> Found:
    """The open suspicions that this person may clear, or see because they see all; the newest first.

    Of all that are open, since whose they are is only known from the rulebook that was in force; a page is read whole.
    """
    rules = await issued_rules(session)
    places = sorted(await places_for(session, person, rules, order_no), reverse=True)
    ahead = [place for place in places if after is None or place < after]
    page = ahead[:most]
    known = select(Suspicion).where(Suspicion.cleared_because.is_(None), Suspicion.key.in_([key for _, key in page]))
    whole = {one.key: one for one in await session.scalars(known)}
    shown = [opened(whole[key], rules.at(at), person) for at, key in page if key in whole]
    return Found(shown, len(places), page[-1] if len(ahead) > most else None)


async def places_for(session: AsyncSession, person: Person, rules: Issued, order_no: str) -> list[Place]:
    """Where each stands that this person may see."""
    row, sees = Suspicion, sees_all(person)
    query = select(row.key, row.clause, row.body["among"], row.body["breaches"][-1]["at"])
    query = query.where(row.cleared_because.is_(None))
    if order_no:
        query = query.where(row.order_no == order_no)
    found = []
    for key, clause, among, stated in await session.execute(query):
        at = datetime.fromisoformat(stated)
        if sees or person.holds({led_by(rules.at(at), clause, among or ""), GENERAL_MANAGER}):
            found.append((at, key))
    return found


def opened(suspicion: Suspicion, rulebook: Rulebook | None, person: Person) -> Open:
    body = suspicion.body
    among, about = body.get("among") or "", body["breaches"][-1]["about"]
    manager = led_by(rulebook, suspicion.clause, among)
    return Open(
        suspicion=suspicion,
        at=at_of(body),
        about=about,
        what=Label(*kind_of(about.partition(":")[0])),
        reason=Label(body.get("reason_zh") or suspicion.reason, suspicion.reason),
        among=among,
        manager=manager,
        may_clear=person.holds({manager, GENERAL_MANAGER}),
    )


def at_of(body: Mapping[str, Any]) -> datetime:
    """When the last of what it is about happened."""
    return datetime.fromisoformat(body["breaches"][-1]["at"])


def led_by(rulebook: Rulebook | None, clause: str, among: str) -> str:
    """The manager of the department that owes what the post in doubt owes, or the clause's; the general manager where no
    link says so."""
    if rulebook is None:
        return GENERAL_MANAGER
    rule = rulebook.clauses.get(clause)
    post = among or (rule.post if rule else "")
    departments = {link.post: link.department for link in rulebook.links.values()}
    return MANAGERS.get(departments.get(post, ""), GENERAL_MANAGER)
