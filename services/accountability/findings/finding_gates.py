"""What stands between a person and a finding: who may find which clause, of whom, on what evidence?"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.language import word
from chassis.people import Person, find_person
from chassis.schema_people import holdings
from contracts.accountability import LedgerProof, Sanction
from services.accountability.findings.finding_refusals import (
    FoundAlready,
    MayNotFind,
    MayNotPropose,
    NoProposalNeeded,
    NotFoundByPeople,
    NotTheirsToPropose,
    OwnFinding,
    PostNotHeldThen,
    ProposalNeeded,
    SanctionOutsideRange,
    UnknownOrder,
    UnknownPosition,
)
from services.accountability.models import BreachFinding, FindingStatus, LedgerEntry
from services.accountability.models import Rulebook as RulebookDocument
from services.accountability.rules.rulebook import WHOEVER, ClauseRule, FindingRule, Rulebook
from services.accountability.rules.rulebook_loading import read_rules
from services.accountability.rules.succession import Version, counting_at, succession

GENERAL_MANAGER = "general_manager"
TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:what AS text), 0))")


class Found(Protocol):
    """What of a finding tells whether it is another one."""

    clause: str
    order_no: str | None
    occurred_at: datetime
    loss_document: str | None
    corrects: str | None


@dataclass(frozen=True, slots=True)
class Law:
    """What counted when it happened: the rulebook, the clause, and who finds it how."""

    rulebook: Rulebook
    clause: ClauseRule
    rule: FindingRule


async def law_at(session: AsyncSession, code: str, at: datetime) -> Law:
    """The clause under the rulebook in force at a moment; raises NotFoundByPeople."""
    rulebook = await rules_at(session, at)
    if rulebook is None:
        raise NotFoundByPeople(clause=code, version="—", known=())
    clause = rulebook.clauses.get(code)
    if clause is None or clause.finding is None:
        found = [one.code for one in rulebook.clauses.values() if one.finding]
        raise NotFoundByPeople(clause=code, version=rulebook.version, known=found)
    return Law(rulebook, clause, clause.finding)


@dataclass(frozen=True, slots=True)
class Issued:
    """Every rulebook that was ever issued, as they followed each other; each is read once, and only if it is asked for."""

    versions: Sequence[Version]
    bodies: Mapping[str, dict[str, Any]]
    read: dict[str, Rulebook] = field(default_factory=dict)

    def at(self, moment: datetime) -> Rulebook | None:
        """The one in force at a moment, the earliest where none was yet."""
        version = counting_at(self.versions, moment)
        if version and version.no not in self.read:
            self.read[version.no] = read_rules(self.bodies[version.no])
        return self.read[version.no] if version else None


async def rules_at(session: AsyncSession, at: datetime) -> Rulebook | None:
    """The rulebook in force at a moment, the earliest where none was yet."""
    return (await issued_rules(session)).at(at)


async def issued_rules(session: AsyncSession) -> Issued:
    versions = await succession(session)
    issued = select(RulebookDocument.no, RulebookDocument.body).where(
        RulebookDocument.no.in_([one.no for one in versions])
    )
    return Issued(versions, {row.no: row.body for row in await session.execute(issued)})


async def finder(session: AsyncSession, law: Law, employee: str, accused: Collection[str]) -> str:
    """The post in which a person may find this clause of the accused; raises OwnFinding, MayNotFind.

    Where one of the accused is among those who find it, the general manager may instead.
    """
    check_not_own(employee, accused)
    may = set(law.rule.finders)
    if any([(await find_person(session, each)).holds(may) for each in accused]):
        may.add(GENERAL_MANAGER)
    post = first_held(await find_person(session, employee), may)
    if post is None:
        raise MayNotFind(employee=employee, clause=law.clause.code, posts=words(sorted(may)))
    return post


def check_not_own(employee: str, accused: Collection[str]) -> None:
    """Nobody finds in their own case, nor takes themself out of it by correcting whom it names; raises OwnFinding."""
    if employee in accused:
        raise OwnFinding(employee=employee)


async def check_proposer(session: AsyncSession, law: Law, employee: str, accused: str, at: datetime) -> None:
    """Raises NoProposalNeeded, OwnFinding, MayNotPropose, NotTheirsToPropose."""
    rule, code = law.rule, law.clause.code
    wanted = {*rule.proposers, *([rule.proposed_by] if rule.proposed_by else [])}
    if not wanted:
        raise NoProposalNeeded(clause=code, posts=words(rule.finders))
    if employee == accused:
        raise OwnFinding(employee=employee)
    post = first_held(await find_person(session, employee), wanted)
    if post is None:
        raise MayNotPropose(employee=employee, clause=code, posts=words(sorted(wanted)))
    if post != rule.proposed_by and rule.proposed_of:
        held = {held for held, holder in await held_at(session, at) if holder == accused}
        if held.isdisjoint(rule.proposed_of):
            raise NotTheirsToPropose(
                employee=accused, clause=code, posts=words(rule.proposed_of), finders=words(rule.finders)
            )


def check_needs_no_proposal(law: Law) -> None:
    if law.rule.proposed_by:
        raise ProposalNeeded(clause=law.clause.code, posts=words([law.rule.proposed_by]))


def first_held(person: Person, posts: Collection[str]) -> str | None:
    """The first of these posts that the person holds now, their own before an acting one."""
    held = sorted((acting, post) for post, acting in person.posts if post in posts)
    return held[0][1] if held else None


async def check_post(session: AsyncSession, law: Law, employee: str, at: datetime) -> None:
    """Whoever is accused held a post that the clause is about when it happened; raises PostNotHeldThen."""
    held = {post for post, holder in await held_at(session, at) if holder == employee}
    about = set(law.rule.posts) or ({law.clause.post} if law.clause.post != WHOEVER else held)
    if not held & about:
        posts = words(sorted(about)) or [str(word("post"))]
        raise PostNotHeldThen(employee=employee, clause=law.clause.code, posts=posts, occurred_at=at)


async def held_at(session: AsyncSession, at: datetime) -> Sequence[tuple[str, str]]:
    """Who held which post at a moment."""
    query = select(holdings.c.post, holdings.c.employee).where(
        holdings.c.effective_from <= at, holdings.c.effective_until.is_(None) | (holdings.c.effective_until > at)
    )
    return [(row.post, row.employee) for row in await session.execute(query)]


async def check_order(session: AsyncSession, order_no: str | None) -> None:
    query = select(LedgerEntry.position).where(LedgerEntry.subject == order_no).limit(1)
    if order_no is not None and await session.scalar(query) is None:
        raise UnknownOrder(order_no=order_no)


async def check_new(session: AsyncSession, said: Found, person: str) -> None:
    """Nobody answers twice for one breach, nor twice for one loss under one clause; raises FoundAlready."""
    await session.execute(TAKE_TURNS, {"what": f"finding {said.clause} {person}"})
    same = [BreachFinding.occurred_at == said.occurred_at]
    if said.loss_document:
        same.append(BreachFinding.loss_document == said.loss_document)
    query = select(BreachFinding.no).where(
        BreachFinding.clause == said.clause,
        BreachFinding.person == person,
        BreachFinding.order_no.is_not_distinct_from(said.order_no),
        BreachFinding.status.in_((FindingStatus.PROPOSED, FindingStatus.FOUND)),
        BreachFinding.no != (said.corrects or ""),
        or_(*same),
    )
    known = await session.scalar(query.limit(1))
    if known is not None:
        raise FoundAlready(no=known, clause=said.clause, person=person)


def check_sanction(law: Law, sanction: Sanction | None) -> None:
    """Within the clause's range; a clause without one leaves nothing to choose."""
    own = (law.clause.sanction,) if law.clause.sanction else ()
    allowed = law.rule.sanctions or own
    if sanction is not None and sanction not in allowed:
        raise SanctionOutsideRange(clause=law.clause.code, sanction=word(sanction), allowed=words(allowed))


async def proofs(session: AsyncSession, positions: Collection[int]) -> tuple[LedgerProof, ...]:
    """The facts at these positions of the ledger, with its hash there; raises UnknownPosition."""
    query = select(LedgerEntry.position, LedgerEntry.hash).where(LedgerEntry.position.in_(positions))
    known = {row.position: row.hash.hex() for row in await session.execute(query)}
    if missing := sorted(set(positions) - known.keys()):
        raise UnknownPosition(positions=missing)
    return tuple(LedgerProof(position=position, hash=known[position]) for position in sorted(known))


def words(codes: Iterable[Any]) -> list[str]:
    return [str(word(code)) for code in codes]
