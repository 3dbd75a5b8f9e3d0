"""Who may see whose record? One's own; a department's manager its people's; HR and the general manager all.

Posts count as they are held at the moment of looking, acting ones included. Everybody else sees figures, duties and
departments. What a person sees of others is written down before it is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotTheirs, Refusal
from chassis.language import Label
from chassis.looks import write_down
from chassis.named import NotForTheirEyes, managed_by, people_of, sees_all, theirs
from chassis.people import Person
from chassis.sight import Look, Sight
from contracts.event import SYSTEM_ACTOR
from contracts.posts import MANAGERS, SEE_ALL
from services.accountability.models import (
    Acknowledgement,
    BreachFinding,
    Compensation,
    FindingStatus,
    PenaltyRecord,
    Rulebook,
    SuspicionClearing,
)
from services.accountability.privacy.sealed import people_sealed

FINDERS = "$.clauses[*] ? (@.code == $code).grounds[*].finding.finders[*] ? (@ == $posts[*])"


class Sealed(Refusal):
    status, code = 403, "sealed"
    message = Label(
        "{no} 已过保存期,于 {at} 封存:只有当事人本人可以查看。如需作为证据,请由人事或总经理导出证据。",
        "{no} was sealed at {at}, when its retention period was over: only its person may look at it. Where it is needed as "
        "evidence, HR or the general manager has the evidence exported.",
    )


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whom a person may see by name; `people` are all of them, unless it is everybody.

    `sealed` are those others whose part in what is looked at is theirs alone.
    """

    person: Person
    all: bool
    people: frozenset[str]
    sealed: frozenset[str] = frozenset()

    def see(self, employee: str) -> bool:
        return employee not in self.sealed and (self.all or employee in self.people or employee == SYSTEM_ACTOR)


async def eyes_of(session: AsyncSession, person: Person, *, order_no: str = "", breach: str = "") -> Eyes:
    """For what is shown without being asked of a table; of an order, or of a breach in none, without what is sealed of it."""
    sealed = await people_sealed(session, order_no, breach) - {person.employee} if order_no or breach else frozenset()
    if sees_all(person):
        return Eyes(person, all=True, people=frozenset(), sealed=sealed)
    found = await session.scalars(people_of(person)) if managed_by(person) else ()
    return Eyes(person, all=False, people=frozenset({person.employee, *found}), sealed=sealed)


def admit(eyes: Eyes, employee: str) -> None:
    """Raises NotTheirs for who may not ask after somebody by name."""
    if not eyes.see(employee):
        raise NotTheirs(employee=eyes.person.employee, no=employee)


@dataclass(frozen=True, slots=True)
class OfPeople(Sight):
    """Documents about a person, whom the column `own` names; whoever looks at another's is written down."""

    strict = True

    def which(self, person: Person) -> ColumnElement[bool] | None:
        return None if sees_all(person) else theirs(getattr(self.kind, self.own), person)

    def refusal(self, person: Person, document: Any) -> Exception:
        return NotForTheirEyes(no=document.no)

    async def note(self, session: AsyncSession, person: Person, documents: Sequence[Any], look: Look) -> None:
        await note(
            session, person, [(document.no, name) for document in documents for name in self.named(document)], look
        )

    def named(self, document: Any) -> Iterator[str]:
        """Whom a document is about."""
        yield getattr(document, self.own)


@dataclass(frozen=True, slots=True)
class Acknowledgements(OfPeople):
    """That somebody knows the rules says nothing about what they did: nobody needs to know who looked."""

    async def note(self, session: AsyncSession, person: Person, documents: Sequence[Any], look: Look) -> None:
        return


@dataclass(frozen=True, slots=True)
class Unsealed(OfPeople):
    """The same as long as it is kept: what is sealed is its person's alone."""

    def which(self, person: Person) -> ColumnElement[bool] | None:
        kind: Any = self.kind
        own: ColumnElement[bool] = getattr(kind, self.own) == person.employee
        if not sees_all(person) and not managed_by(person):
            return own
        kept: ColumnElement[bool] = kind.sealed_at.is_(None)
        return own | (kept & theirs(getattr(kind, self.own), person))

    def refusal(self, person: Person, document: Any) -> Exception:
        if document.sealed_at is not None and sees_all(person):
            return Sealed(no=document.no, at=document.sealed_at)
        return OfPeople.refusal(self, person, document)


class Findings(Unsealed):
    """Whom it is about, and their manager, see what was found; whoever wrote, found or is to find it sees all of it."""

    def which(self, person: Person) -> ColumnElement[bool] | None:
        own: ColumnElement[bool] = (BreachFinding.person == person.employee) & BreachFinding.found_by.is_not(None)
        return own | (BreachFinding.sealed_at.is_(None) & self.unsealed(person))

    def unsealed(self, person: Person) -> ColumnElement[bool]:
        if sees_all(person):
            return true()
        hands = (BreachFinding.made_by, BreachFinding.proposed_by, BreachFinding.found_by)
        found = BreachFinding.found_by.is_not(None) & theirs(BreachFinding.person, person)
        return or_(*(hand == person.employee for hand in hands), found, is_to_find(person))


def is_to_find(person: Person) -> ColumnElement[bool]:
    """Whether a proposed finding waits for one of this person's posts, as the rulebook that it was written under says."""
    about = func.jsonb_build_object(
        "code", BreachFinding.clause, "posts", cast([post for post, _ in person.posts], JSONB)
    )
    asked = func.jsonb_path_exists(Rulebook.body, cast(FINDERS, JSONPATH), about)
    rules = select(Rulebook.no).where(Rulebook.no == BreachFinding.rulebook_version, asked).exists()
    waits = (BreachFinding.status == FindingStatus.PROPOSED) & (BreachFinding.person != person.employee)
    return waits & rules


class Clearings(Unsealed):
    """Whoever cleared a suspicion sees it too; where nobody answers for it, it is about nobody."""

    def which(self, person: Person) -> ColumnElement[bool] | None:
        own: ColumnElement[bool] = SuspicionClearing.person == person.employee
        may = theirs(SuspicionClearing.person, person) | (SuspicionClearing.made_by == person.employee)
        return own | (SuspicionClearing.sealed_at.is_(None) & may)

    def named(self, document: SuspicionClearing) -> Iterator[str]:
        if document.person:
            yield document.person


RECORDS = Unsealed(PenaltyRecord, SEE_ALL, "person")
FINDINGS = Findings(BreachFinding, SEE_ALL, "person")
ACKNOWLEDGEMENTS = Acknowledgements(Acknowledgement, SEE_ALL, "employee")
COMPENSATIONS = Unsealed(Compensation, SEE_ALL, "person")
CLEARINGS = Clearings(SuspicionClearing, SEE_ALL, "person")


async def note(session: AsyncSession, person: Person, seen: Sequence[tuple[str, str]], look: Look) -> None:
    """Write down that this person looks at these documents about these people; nobody needs to know of one's own."""
    await write_down(session, person, seen, look, post_for(person))


def post_for(person: Person) -> tuple[str | None, bool]:
    """The post that lets a person see others: one that sees all before a manager's, one's own before an acting one."""
    rank = dict.fromkeys(SEE_ALL, 0) | {post: 1 for post in MANAGERS.values() if post not in SEE_ALL}
    held = sorted(person.posts, key=lambda each: (rank.get(each[0], 2), each[1], each[0]))
    return held[0] if held else (None, False)
