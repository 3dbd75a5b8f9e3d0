"""Who found which breach, on what evidence, and does the finding still stand (违规认定)?"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Reason
from chassis.documents import different_person, lock, move, next_number
from chassis.language import Label, word
from chassis.outbox import publish
from chassis.schema_people import employees
from contracts import links
from contracts.accountability import BreachFound, FindingDismissed, FindingProposed, FindingWithdrawn, Sanction
from contracts.event import Position
from contracts.posts import MANAGERS
from contracts.words import DEPARTMENTS
from services.accountability.compensation import losses
from services.accountability.findings import finding_gates as gates
from services.accountability.findings import recorded
from services.accountability.findings.finding_gates import Law
from services.accountability.findings.finding_refusals import (
    AnotherMatter,
    FactMissing,
    LossWithoutDocument,
    NeverEvidence,
    NoEvidence,
    NoManager,
    NotYetHappened,
    NotYourFinding,
    OfNoOrder,
    PersonMissing,
)
from services.accountability.models import BreachFinding, FindingStatus
from services.accountability.people.staff import UnknownEmployee, known_term
from services.accountability.rules.rulebook_codes import CLAUSE_CODE

Number = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Item = Annotated[str, StringConstraints(min_length=1, max_length=400)]
OptionalNo = Field(default=None, min_length=1, max_length=64)
Money = Field(default=None, gt=0, max_digits=18, decimal_places=4)


class Found(Form):
    """What was found of whom, when it happened, and what shows it. The clause says what else has to be filled in."""

    clause: str = Field(pattern=CLAUSE_CODE)
    person: str = Field(default="", pattern=r"^(E-\d{3,6})?$")
    department: str = ""
    order_no: str | None = OptionalNo
    occurred_at: AwareDatetime
    what_happened: str = Field(min_length=1, max_length=4000)
    evidence_documents: tuple[Number, ...] = Field(default=(), max_length=50)
    evidence_positions: tuple[Position, ...] = Field(default=(), max_length=50)
    sanction: Sanction | None = None
    items: tuple[Item, ...] = Field(default=(), max_length=100)
    consequence: str = Field(default="", max_length=4000)
    production_order_no: str | None = OptionalNo
    op_no: int | None = Field(default=None, ge=1)
    complaint_no: str | None = OptionalNo
    investigation_no: str | None = OptionalNo
    injury_report_no: str | None = OptionalNo
    direct_loss: Decimal | None = Money
    contract_penalty: Decimal | None = Money
    loss_document: str | None = OptionalNo
    share_percent: Decimal | None = Field(default=None, gt=0, le=100, max_digits=7, decimal_places=4)
    gross_negligence: bool = False
    intent: bool = False
    corrects: str | None = OptionalNo


async def find_directly(session: AsyncSession, form: Found, *, by: str, now: datetime) -> BreachFinding:
    """Find a breach. A later finding corrects an earlier one; nobody finds in their own case."""
    law, person = await looked_into(session, form, now)
    gates.check_needs_no_proposal(law)
    post = await gates.finder(session, law, by, await accused(session, person, form))
    document = await written(session, form, law, person, by=by, now=now)
    if earlier := await corrected(session, form):
        move(earlier, FindingStatus.CORRECTED)
    document.found_by, document.found_as, document.status = by, post, FindingStatus.FOUND
    session.add(document)
    await publish(session, stated(document))
    return document


async def propose(session: AsyncSession, form: Found, *, by: str, now: datetime) -> BreachFinding:
    """Ask the authority that finds this clause to do so."""
    law, person = await looked_into(session, form, now)
    gates.check_not_own(by, await accused(session, person, form))
    await gates.check_proposer(session, law, by, person, form.occurred_at)
    document = await written(session, form, law, person, by=by, now=now)
    await corrected(session, form)
    document.proposed_by = by
    session.add(document)
    fact = FindingProposed(
        order_no=document.order_no, finding_no=document.no, clause=document.clause, person=person, proposed_by=by
    )
    await publish(session, fact)
    return document


async def confirm(session: AsyncSession, no: str, *, by: str, now: datetime) -> BreachFinding:
    """The authority finds what was proposed to it."""
    document, post = await decided(session, no, by)
    different_person(document, by)
    move(document, FindingStatus.FOUND)
    if earlier := await corrected(session, document):
        move(earlier, FindingStatus.CORRECTED)
    document.found_by, document.found_as = by, post
    document.approved_by, document.approved_at = by, now
    await publish(session, stated(document))
    return document


async def dismiss(session: AsyncSession, no: str, form: Reason, *, by: str, now: datetime) -> BreachFinding:
    """The authority finds no breach in what was proposed to it."""
    document, _ = await decided(session, no, by)
    different_person(document, by)
    move(document, FindingStatus.DISMISSED)
    document.reason, document.approved_by, document.approved_at = form.reason, by, now
    await publish(session, FindingDismissed(**named(document), reason=form.reason, dismissed_by=by))
    return document


async def withdraw(session: AsyncSession, no: str, form: Reason, *, by: str) -> BreachFinding:
    """Whoever found it takes it back; the record that rests on it is withdrawn."""
    document = await lock(session, BreachFinding, no)
    move(document, FindingStatus.WITHDRAWN)
    if document.found_by != by:
        raise NotYourFinding(no=no, found_by=document.found_by)
    document.reason = form.reason
    await publish(session, FindingWithdrawn(**named(document), reason=form.reason, withdrawn_by=by))
    return document


async def decided(session: AsyncSession, no: str, by: str) -> tuple[BreachFinding, str]:
    """What was proposed, and the post in which this person may find it; raises OwnFinding, MayNotFind."""
    document = await lock(session, BreachFinding, no)
    law = await gates.law_at(session, document.clause, document.occurred_at)
    return document, await gates.finder(session, law, by, await accused(session, document.person, document))


async def accused(session: AsyncSession, person: str, later: Found | BreachFinding) -> set[str]:
    """Whom a finding is about: this person, and whoever the finding named that it may correct; raises NotFound."""
    earlier = await lock(session, BreachFinding, later.corrects) if later.corrects else None
    return {person, earlier.person} if earlier and of_one_matter(earlier, later) else {person}


async def corrected(session: AsyncSession, later: Found | BreachFinding) -> BreachFinding | None:
    """The finding that a later one takes the place of, held; raises NotFound, AnotherMatter."""
    earlier = await lock(session, BreachFinding, later.corrects) if later.corrects else None
    if earlier and not of_one_matter(earlier, later):
        raise AnotherMatter(no=earlier.no, clause=later.clause, order_no=later.order_no or "—")
    return earlier


def of_one_matter(earlier: BreachFinding, later: Found | BreachFinding) -> bool:
    """Whether the earlier one was found, of the same clause in the same order.

    Whoever corrects need not see every finding: of others no refusal tells what they are about, whom they name, or that one waits.
    """
    return earlier.found_by is not None and (earlier.clause, earlier.order_no) == (later.clause, later.order_no)


async def looked_into(session: AsyncSession, form: Found, now: datetime) -> tuple[Law, str]:
    """The clause as it counted then, and whoever answers for it."""
    if form.occurred_at > now:
        raise NotYetHappened(occurred_at=form.occurred_at)
    law = await gates.law_at(session, form.clause, form.occurred_at)
    return law, form.person or await manager_of(session, form, law)


async def manager_of(session: AsyncSession, form: Found, law: Law) -> str:
    """Who answers for what a department did; raises PersonMissing, UnknownTerm, NoManager."""
    if not (form.department and law.rule.of_department):
        raise PersonMissing(clause=form.clause)
    known_term("department", form.department, DEPARTMENTS)
    post = MANAGERS[form.department]
    holders = {employee for held, employee in await gates.held_at(session, form.occurred_at) if held == post}
    if len(holders) != 1:
        department, at = Label(*DEPARTMENTS[form.department]), form.occurred_at
        raise NoManager(department=department, post=word(post), occurred_at=at)
    return holders.pop()


async def written(
    session: AsyncSession, form: Found, law: Law, person: str, *, by: str, now: datetime
) -> BreachFinding:
    """The paper, checked against the clause and against what is known."""
    if await session.scalar(select(employees.c.employee).where(employees.c.employee == person)) is None:
        raise UnknownEmployee(field="person", employee=person)
    await gates.check_post(session, law, person, form.occurred_at)
    await gates.check_order(session, form.order_no)
    await gates.check_new(session, form, person)
    if "investigation_no" in law.rule.asks and form.order_no:
        raise OfNoOrder(clause=form.clause)
    if "injury_report_no" in law.rule.asks:
        await recorded.check_injury(session, form.injury_report_no, form.occurred_at)
    await recorded.check_complaint(session, form.order_no, form.complaint_no)
    if "contract_penalty" in law.rule.asks:
        known = await recorded.penalty(session, form.order_no, form.loss_document, form.contract_penalty)
        form = form.model_copy(update={"contract_penalty": known})
    gates.check_sanction(law, form.sanction)
    check_money(form)
    loss = form.direct_loss or form.contract_penalty
    await losses.check(session, form.loss_document, form.order_no, loss, corrects=form.corrects)
    document = composed(form, law, person)
    check_asked(document, law)
    check_evidence(form, document, law)
    document.evidence_facts = await gates.proofs(session, form.evidence_positions)
    document.no, document.made_by, document.made_at = await next_number(session, BreachFinding.code, now), by, now
    return document


def composed(form: Found, law: Law, person: str) -> BreachFinding:
    """An investigation is evidence itself."""
    apart = {"department", "evidence_positions", "production_order_no", "op_no", "person"}
    document = BreachFinding(**form.model_dump(exclude=apart), person=person, rulebook_version=law.rulebook.version)
    papers = [*form.evidence_documents, *([form.investigation_no] if form.investigation_no else [])]
    document.evidence_documents = list(dict.fromkeys(papers))
    document.items = list(form.items)
    document.status = FindingStatus.PROPOSED
    if form.production_order_no and form.op_no:
        document.operation = links.operation(form.production_order_no, form.op_no)
    return document


def check_asked(document: BreachFinding, law: Law) -> None:
    """The clause says what a finding of it must say; raises FactMissing."""
    for name in law.rule.asks:
        if not getattr(document, name):
            field = "production_order_no" if name == "operation" else name
            raise FactMissing(field=field, clause=document.clause, fact=word(name))


def check_evidence(form: Found, document: BreachFinding, law: Law) -> None:
    """At least one paper or fact; raises NoEvidence, NeverEvidence."""
    if not document.evidence_documents and not form.evidence_positions:
        raise NoEvidence
    for name in law.rule.not_evidence:
        if getattr(document, name) in document.evidence_documents:
            raise NeverEvidence(no=getattr(document, name), fact=word(name))


def check_money(form: Found) -> None:
    amount = form.direct_loss or form.contract_penalty
    if amount and not form.loss_document:
        raise LossWithoutDocument(amount=amount)


def stated(document: BreachFinding) -> BreachFound:
    shared = {name: getattr(document, name) for name in BreachFound.model_fields if hasattr(document, name)}
    return BreachFound(**shared, assignee=document.person, finding_no=document.no)


def named(document: BreachFinding) -> dict[str, Any]:
    """What every later word on a finding says of it."""
    said: dict[str, Any] = {name: getattr(document, name) for name in ("order_no", "clause", "person")}
    return {**said, "finding_no": document.no}
