"""Which clauses were breached in an order, by whom, and on what evidence? One function per shape of clause.

deadline: a handover overran. first cause: it was also the largest cause of a missed date. prohibition, attribution and
finding: a fact says so, its condition holds, and the recorded evidence bears it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from chassis.instants import FACTORY, HOUR, Instant, Micros, moment
from chassis.language import Label
from contracts.accountability import Sanction
from services.accountability.judge import dues, duties, found, missing_documents, roster, shared
from services.accountability.judge.answers import answer, holds, moment_of
from services.accountability.judge.compensation import WHOLE, Claim
from services.accountability.judge.context import Context
from services.accountability.judge.first_cause import Missed
from services.accountability.judge.in_force import rule_of, version_at
from services.accountability.judge.roster import Answerable
from services.accountability.judge.state import COMPANY, Attempt, Case, Duty, Exhibit, Mark, State
from services.accountability.rules.rulebook import WHOEVER, Bilingual, ClauseRule, CompiledGround, Rulebook


@dataclass(frozen=True, slots=True)
class Charge:
    """One breach of one clause. `failures` names what went wrong: charges that share one are the same failure.

    `occasion`: of which stocktake it is part; breaches of one occasion that are of no order make one record.
    """

    clause: ClauseRule
    rulebook: Rulebook
    sanction: Sanction | None
    about: str
    duty: str | None
    at: Instant
    answerable: Answerable
    marks: tuple[Mark, ...]
    failures: frozenset[str]
    complaint_no: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    claim: Claim | None = None
    notes: tuple[Bilingual, ...] = ()
    occasion: str = ""


UNANSWERED = Label("现有证据不能回答条款所问", "the recorded evidence does not answer the rulebook's question")
UNPROVED = Label("现有证据不能证实", "the recorded evidence does not bear this out")
NAMES_NOBODY = Label("记录没有指明责任人", "the fact names nobody")
OF_HANDOVERS = frozenset({"lines", "order", "operation"})
"""What an expression may ask about besides kept facts; answers that rest on it are not remembered."""


def charges(state: State, case: Case, missed: list[Missed]) -> Iterator[Charge]:
    """Every breach that the facts of an order show now."""
    for name in case.duties:
        duty = state.duties[name]
        for attempt in duty.attempts:
            if dues.is_late(attempt) and not duties.is_cancelled(case, attempt):
                yield from _deadlines(state, duty, attempt)
    for date in missed:
        yield from _first_causes(state, date)
    for noun, kept in case.exhibits.items():
        stated = ((exhibit, _answered(state, case, exhibit)) for exhibit in found.standing(case, noun, kept))
        yield from _told_apart([(exhibit, shown) for exhibit, shown in stated if shown])


def _told_apart(stated: list[tuple[Exhibit, tuple[Charge, ...]]]) -> Iterator[Charge]:
    """What several facts of one number show, an operation reported once more: the second is `#2`, as attempts are."""
    named: dict[str, int] = {}
    for exhibit, shown in sorted(stated, key=lambda known: known[0].mark.order) if len(stated) > 1 else stated:
        name = found.about(exhibit)
        times = named[name] = named.get(name, 0) + 1
        yield from shown if times == 1 else (_renamed(charge, name, f"{name}#{times}") for charge in shown)


def _renamed(charge: Charge, old: str, new: str) -> Charge:
    failures = frozenset(new if failure == old else failure for failure in charge.failures)
    return replace(charge, about=charge.about.replace(old, new, 1), failures=failures)


def _answered(state: State, case: Case, exhibit: Exhibit) -> tuple[Charge, ...]:
    """What a fact shows. Of the company's, of which there are ever more, it is remembered until something asked for changes."""
    known = state.index.answers.get(exhibit.mark.position)
    if known is not None:
        return known[1]
    asked = set[str]()
    found = tuple(_stated(state, case, exhibit, asked))
    if case.order_no == COMPANY and asked.isdisjoint(OF_HANDOVERS):
        until = max([exhibit.mark.at, *(charge.at for charge in found)])
        shared.remember(state, exhibit, found, asked, until)
    return found


def _deadlines(state: State, duty: Duty, attempt: Attempt) -> Iterator[Charge]:
    rules = rule_of(state, duty, attempt)
    if rules is None:
        return
    rulebook, link = rules
    for compiled in rulebook.deadlines.get(duty.link, ()):
        complaint = duty.key if link.from_complaint else None
        yield _handover_charge(state, rulebook, compiled.clause, duty, attempt, complaint, {})


def _first_causes(state: State, missed: Missed) -> Iterator[Charge]:
    cause = missed.cause
    rules = rule_of(state, cause.duty, cause.attempt) if cause else None
    if cause is None or rules is None:
        return
    rulebook, _ = rules
    for compiled in rulebook.first_causes.get(cause.duty.link, ()):
        if missed.of in compiled.ground.of:
            facts = {
                "missed": missed.of,
                "missed_due_at": moment(missed.due).isoformat(),
                "done_at": moment(missed.done.at).isoformat() if missed.done else None,
                "first_cause_hours": in_hours(cause.overrun),
                "contributions": {
                    f"{step.duty.id}#{step.attempt.number}": in_hours(step.overrun) for step in missed.path
                },
            }
            charge = _handover_charge(state, rulebook, compiled.clause, cause.duty, cause.attempt, None, facts)
            path = [mark for step in missed.path for mark in _marks_of(step.attempt)]
            yield replace(charge, marks=(*charge.marks, *path, *([missed.done] if missed.done else [])))


def _handover_charge(
    state: State,
    rulebook: Rulebook,
    clause: ClauseRule,
    duty: Duty,
    attempt: Attempt,
    complaint_no: str | None,
    facts: dict[str, Any],
) -> Charge:
    at = attempt.fires or attempt.opened.at
    answerable = roster.answers_for(state, duty, attempt, at)
    known = {
        "attempt": attempt.number,
        "opened_at": moment(attempt.opened.at).isoformat(),
        "due_at": moment(attempt.due).isoformat() if attempt.due else None,
        "closed_at": moment(attempt.closed.at).isoformat() if attempt.closed else None,
        **facts,
    }
    about = _name_of(duty, attempt)
    return Charge(
        clause=clause,
        rulebook=rulebook,
        sanction=clause.sanction,
        about=about,
        duty=duty.id,
        at=at,
        answerable=answerable,
        marks=(*_marks_of(attempt), *answerable.marks),
        failures=frozenset({about, *([f"complaint:{complaint_no}"] if complaint_no else [])}),
        complaint_no=complaint_no,
        facts=known,
    )


def _name_of(duty: Duty, attempt: Attempt) -> str:
    return duty.id if attempt.number == 1 else f"{duty.id}#{attempt.number}"


def _stated(state: State, case: Case, exhibit: Exhibit, asked: set[str]) -> Iterator[Charge]:
    """What a fact shows, by the rules that a finding names, else by those in force when it happened.

    Whoever worked by the rules of the day is not judged by those of the day on which it came out.
    """
    by_name = state.index.rulebooks.get(exhibit.data.get("rulebook_version", ""))
    shown: dict[str, list[Charge]] = {}
    for rulebook in [by_name] if by_name else state.index.rulebooks.values():
        context = Context(state, case, exhibit, rulebook, asked)
        for compiled in rulebook.stated.get(exhibit.type, ()):
            concerned = found.concerns(compiled, exhibit)
            charge = _stated_charge(state, case, exhibit, context, compiled) if concerned else None
            if charge is not None:
                shown.setdefault(charge.clause.code, []).append(charge)
    for same in shown.values():
        for charge in same if by_name else _of_the_day(state, exhibit, same):
            for about, apart in found.counted(charge.clause, exhibit):
                yield replace(charge, about=about, facts=charge.facts | apart)


def _of_the_day(state: State, exhibit: Exhibit, same: list[Charge]) -> list[Charge]:
    """Of what several versions of one clause say of a fact, that of the version in force when the breach happened.

    What is still to come counts from when it was told. Each version says itself what the moment is; where by its own moment none
    was in force, the earliest of them tells which one was.
    """
    told = exhibit.mark.at
    then = [one for one in same if version_at(state, min(one.at, told)) == one.rulebook.version]
    if then:
        return then
    first = version_at(state, min(told, *(one.at for one in same)))
    return [one for one in same if one.rulebook.version == first]


def _stated_charge(
    state: State, case: Case, exhibit: Exhibit, context: Context, compiled: CompiledGround
) -> Charge | None:
    clause, rulebook = compiled.clause, context.rulebook
    possible = holds(compiled.when, context)
    if possible is False:
        return None
    claim = _claim(rulebook, clause, context)
    if clause.sanction is None and claim is None:
        return None
    at = moment_of(compiled.moment, context) or exhibit.mark.at
    answerable = _doubted(_named(state, clause, compiled, context, at), compiled, context, exhibit)
    if possible is None:
        answerable = Answerable(None, UNANSWERED, answerable.marks)
    about = found.about(exhibit)
    complaint_no = context.complaint()
    borne_out = compiled.ground.finding and compiled.proved and case.order_no == COMPANY
    papers = shared.bearing_out(state, exhibit, context.asked) if borne_out else ()
    return Charge(
        clause=clause,
        rulebook=rulebook,
        sanction=found.sanction_of(compiled, exhibit),
        about=about,
        duty=None,
        at=at,
        answerable=answerable,
        marks=(*found.marks_of(exhibit), *answerable.marks, *papers),
        failures=_failures(state, case, exhibit, about, complaint_no),
        complaint_no=complaint_no,
        facts=_plain(exhibit),
        claim=claim,
        notes=tuple(found.notes_of(compiled, context)),
        occasion=found.occasion(exhibit),
    )


def _named(state: State, clause: ClauseRule, compiled: CompiledGround, context: Context, at: Instant) -> Answerable:
    """The person whom the rulebook says to ask the evidence for, else the sole holder of the clause's post.

    Whom the order itself names is its assignee: who has given the post up by then is followed by whoever holds it alone.
    """
    employee = answer(compiled.person, context)
    if employee and compiled.ground.shape == "prohibition" and context.is_on_the_order(clause.post, str(employee)):
        return roster.responsible(state, clause.post, str(employee), at)
    if employee:
        posts = compiled.ground.finding.posts if compiled.ground.finding else ()
        return roster.named(state, clause.post, str(employee), at, posts)
    if clause.post == WHOEVER:
        return Answerable(None, NAMES_NOBODY, among=WHOEVER)
    return roster.sole_holder(state, clause.post, at)


def _doubted(answerable: Answerable, compiled: CompiledGround, context: Context, exhibit: Exhibit) -> Answerable:
    """Nobody is judged on a word that the evidence does not bear out, nor on the word of the person concerned's own."""
    if compiled.proved is not None and not holds(compiled.proved, context):
        return Answerable(None, UNPROVED, answerable.marks)
    person = answerable.person
    needs_another = compiled.proved is not None or compiled.ground.shape in {"attribution", "finding"}
    if person is not None and needs_another and person.employee == exhibit.actor:
        doubt = Label(
            f"{person.employee} 认定的是自己的事,应由总经理认定",
            f"{person.employee} found this in their own case; the general manager does",
        )
        return Answerable(None, doubt, answerable.marks)
    return answerable


def _claim(rulebook: Rulebook, clause: ClauseRule, context: Context) -> Claim | None:
    """The compensation a clause lets propose; nothing without a recorded loss, or where the formula comes to nothing.

    A finding says the person's share in the loss: nothing is proposed before. A fact that knows no shares, a team's waste,
    names one person alone for the whole.
    """
    amounts = rulebook.amounts.get(clause.code)
    if amounts is None or clause.compensation is None:
        return None
    formula, loss = (answer(expression, context) for expression in amounts)
    if formula is None or loss is None or min(formula, loss) <= 0:
        return None
    fact = context["fact"]
    share = fact.get("share_percent", WHOLE)
    if share is None:
        return None
    loss_of = _loss_of(context)
    also = {fact.get("loss_document")} - {None, loss_of}
    return Claim(
        loss_of=loss_of,
        formula=Decimal(formula),
        loss=Decimal(loss),
        share_percent=Decimal(share),
        negligence_found=bool(fact.get("gross_negligence") or fact.get("intent")),
        words=clause.compensation.formula,
        covers=context.parts_of(loss_of) | also,
    )


def _loss_of(context: Context) -> str:
    """The loss that several persons may share: what an attribution settles, else the document that records it."""
    fact = context["fact"]
    settled, document = ("rework_no", "return_no", "complaint_no"), ("loss_document",)
    names = settled + document if fact.get("matter") else document + settled
    found = next((str(fact[name]) for name in names if fact.get(name)), None)
    done_at = moment(fact["at"]).astimezone(FACTORY)
    return found or f"{fact.get('production_order_no')}/{fact.get('op_no')} {done_at:%Y-%m-%d %H:%M:%S}"


def _failures(state: State, case: Case, exhibit: Exhibit, about: str, complaint_no: str | None) -> frozenset[str]:
    names = {about}
    if complaint_no:
        names.add(f"complaint:{complaint_no}")
    if exhibit.type == "engineering.missing_document_decided.v1":
        names.add(missing_documents.lacked_in(state, case, exhibit))
    return frozenset(names)


def _plain(exhibit: Exhibit) -> dict[str, Any]:
    return {name: value for name, value in exhibit.data.items() if value not in (None, "", [])}


def _marks_of(attempt: Attempt) -> tuple[Mark, ...]:
    return (attempt.opened, attempt.closed) if attempt.closed else (attempt.opened,)


def in_hours(length: Micros) -> str:
    """Working hours to two places, for records."""
    return f"{length / HOUR:.2f}"
