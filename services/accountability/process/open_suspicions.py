"""Which suspicions has nobody cleared, and which of them are this person's to clear?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.language import Label
from chassis.named import sees_all
from chassis.people import Person
from chassis.sight import Look
from contracts.breach_words import kind_of
from contracts.posts import MANAGERS
from services.accountability.findings.finding_gates import GENERAL_MANAGER, Issued, issued_rules
from services.accountability.models import Suspicion
from services.accountability.privacy.periods import Keeping
from services.accountability.privacy.sealed import parts_sealed
from services.accountability.privacy.seeing import Eyes, eyes_of, note
from services.accountability.privacy.unnamed import EMPLOYEE, named_in, unsaid
from services.accountability.process.decisions import FINDS
from services.accountability.rules.rulebook import Rulebook

Place = tuple[datetime, str]
"""Where a suspicion stands in the list: when it was, and its key."""


@dataclass(frozen=True, slots=True)
class Open:
    """A suspicion that nobody has cleared: since when, what about, why nobody is named, and who may clear it.

    `involved`: the person who asks is named by its reason, or by what it is about: it is not for them to clear.
    """

    suspicion: Suspicion
    at: datetime
    about: str
    what: Label
    reason: Label
    among: str
    manager: str
    may_clear: bool
    involved: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page of them, how many there are in all, and after which to go on."""

    shown: Sequence[Open]
    in_all: int
    next: Place | None


async def unsettled(
    session: AsyncSession, person: Person, look: Look, order_no: str = "", *, after: Place | None = None, most: int
) -> Found:
    """The open suspicions that this person may clear, or see because they see all; the newest first.

    Of all that are open, since whose they are is only known from the rulebook that was in force; a page is read whole. Whom
    its reasons name to this person is written down before.
    """
    rules = await issued_rules(session)
    places = sorted(await places_for(session, person, rules, order_no), reverse=True)
    ahead = [place for place in places if after is None or place < after]
    page = ahead[:most]
    known = select(Suspicion).where(Suspicion.cleared_because.is_(None), Suspicion.key.in_([key for _, key in page]))
    whole = {one.key: one for one in await session.scalars(known)}
    shown = [opened(whole[key], rules.at(at), person) for at, key in page if key in whole]
    seen = await for_eyes(session, person, shown, look)
    return Found(seen, len(places), page[-1] if len(ahead) > most else None)


async def for_eyes(session: AsyncSession, person: Person, shown: Sequence[Open], look: Look) -> list[Open]:
    """These as this person may read them: a reason names whom a timeline would name to them, and nobody else."""
    eyes = await eyes_of(session, person)
    sealed = await parts_sealed(session, {one.suspicion.order_no for one in shown if one.suspicion.order_no})
    hidden = [hidden_in(one, eyes, sealed) for one in shown]
    known = [
        (one.suspicion.key, name)
        for one, unseen in zip(shown, hidden, strict=True)
        for name in sorted(named_in(one.reason) - unseen)
    ]
    await note(session, person, known, look)
    return [replace(one, reason=unsaid(one.reason, unseen)) for one, unseen in zip(shown, hidden, strict=True)]


def hidden_in(one: Open, eyes: Eyes, sealed: Collection[tuple[str, str]]) -> frozenset[str]:
    """Whom its reason must not name: who is not for these eyes, whose part in the order is sealed, and after its time anybody."""
    over = one.at <= eyes.person.now - Keeping().record_retention
    order_no = one.suspicion.order_no or ""
    others = named_in(one.reason) - {eyes.person.employee}
    return frozenset(name for name in others if over or not eyes.see(name) or (order_no, name) in sealed)


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
    reason = Label(body.get("reason_zh") or suspicion.reason, suspicion.reason)
    return Open(
        suspicion=suspicion,
        at=at_of(body),
        about=about,
        what=Label(*kind_of(about.partition(":")[0])),
        reason=reason,
        among=among,
        manager=manager,
        may_clear=person.holds({manager, GENERAL_MANAGER}),
        involved=person.employee in {*named_in(reason), *concerned(body["breaches"])},
    )


def concerned(said: Any) -> Iterator[str]:
    """Whom breaches name, however deep; who only found, confirmed or decided one is not concerned by it."""
    match said:
        case Mapping():
            for name in said.keys() - FINDS:
                yield from concerned(said[name])
        case list() | tuple():
            for each in said:
                yield from concerned(each)
        case str() if EMPLOYEE.fullmatch(said):
            yield said


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
