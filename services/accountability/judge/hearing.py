"""What does each fact change in the judge's memory, and whose due times and records must be looked at again?"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chassis.instants import moment, parse
from contracts.event import SERVICES
from services.accountability.judge import (
    cleared,
    company_wide,
    conceded,
    countersigned,
    deliveries,
    duties,
    early_warnings,
    excuses,
    in_force,
    shared,
    topics,
)
from services.accountability.judge.evidence import HINDRANCE, LATE_WORD, Evidence
from services.accountability.judge.exhibits import BY_EVENT
from services.accountability.judge.state import COMPANY, Case, Complaint, Duty, Exhibit, Redate, State
from services.accountability.judge.steps import Step
from services.accountability.judge.verdicts import OrderEnded

OUTPUTS = frozenset(
    f"accountability.{what}.v1"
    for what in (
        "record_proposed",
        "record_notified",
        "statement_made",
        "record_issued",
        "appeal_made",
        "appeal_decided",
        "record_in_effect",
        "record_lapsed",
        "record_withdrawn",
        "period_lengthened",
        "employees_consulted",
        "rulebook_acknowledged",
        "compensation_found",
        "compensation_notified",
        "compensation_objected",
        "objection_decided",
        "compensation_planned",
        "compensation_withdrawn",
        "wage_recorded",
        "payroll_stated",
    )
)
"""The judge's own words and what became of them come back from the bus; they say nothing about what happened."""

DELIVERED = frozenset(f"{service}.handover_delivered.v1" for service in SERVICES)
SIGNED = frozenset(f"{service}.handover_signed.v1" for service in SERVICES)
"""Somebody signed for a handover; it moves no clock."""

HINDERED = frozenset(f"{service}{HINDRANCE}" for service in SERVICES)

SILENT = OUTPUTS | SIGNED
"""Facts without which every verdict is the same."""


def hear(state: State, told: Evidence, step: Step) -> None:
    """Take a fact into account. Raises KeyError, TypeError, ValueError or ArithmeticError for one it cannot read."""
    if told.type in OUTPUTS:
        return
    if told.type in SIGNED:
        duties.sign(state, told)
        return
    step.orders[told.order_no] = None
    handler = HANDLERS.get(told.type)
    if handler is not None:
        handler(state, told, step)
    if told.type in DELIVERED:
        return
    _keep(state, told, step)
    state.case(told.order_no).facts[told.id] = told.mark.at
    for ref in told.data.get("closes") or ():
        mark = conceded.counts_from(state.case(told.order_no), told, ref["link"])
        step.say(duties.close(state, duties.find(state, ref, told.order_no), mark))
    for name, direction in (("pauses", 1), ("resumes", -1)):
        for ref in told.data.get(name) or ():
            duty = duties.find(state, ref, told.order_no)
            excuses.add_pause(duty, told.mark, direction)
            step.say(duties.reckon_all(state, duty))


def _delivered(state: State, told: Evidence, step: Step) -> None:
    step.say(duties.deliver(state, told))


def _called_off(state: State, told: Evidence, step: Step) -> None:
    duties.call_off(state, told)


def _disposed(state: State, told: Evidence, step: Step) -> None:
    step.say(conceded.grant(state, told))


def _came_late(state: State, told: Evidence, step: Step) -> None:
    """It is told where it was heard, and may come after a verdict: as an outage does, it has that looked at again."""
    for ref in told.data["duties"]:
        duty = duties.find(state, ref, told.order_no)
        excuses.note_late_word(duty, told)
        step.say(duties.reckon_all(state, duty))


def _on_case(change: Callable[[Case, Evidence], None]) -> Callable[[State, Evidence, Step], None]:
    """A fact that changes the order as a whole: every due time in it is computed anew."""

    def handler(state: State, told: Evidence, step: Step) -> None:
        case = state.case(told.order_no)
        change(case, told)
        deliveries.reckon_lines(state, case)
        for name in case.duties:
            step.say(duties.reckon_all(state, state.duties[name]))
        deliveries.trouble(case)
        _end(case, step)

    return handler


def _stop(kind: str, *, begins: bool) -> Callable[[State, Evidence, Step], None]:
    def change(case: Case, told: Evidence) -> None:
        excuses.note_stop(case, told, kind, begins=begins)

    return _on_case(change)


def _shipped(state: State, told: Evidence, step: Step) -> None:
    case = state.case(told.order_no)
    deliveries.ship(case, told)
    deliveries.reckon_lines(state, case)
    deliveries.trouble(case)
    _end(case, step)


def _end(case: Case, step: Step) -> None:
    """Say once that the order has ended; the shipment may be told before the confirmation."""
    at = None if case.over else deliveries.ended_at(case)
    if at is not None:
        case.over = True
        step.verdicts.append(OrderEnded(case.order_no, moment(at)))


def _planned(state: State, told: Evidence, step: Step) -> None:
    case = state.case(told.order_no)
    deliveries.plan(case, told)
    _trouble_of_production(case)


def _operation_finished(state: State, told: Evidence, step: Step) -> None:
    case = state.case(told.order_no)
    deliveries.finish_operation(case, told)
    _trouble_of_production(case)


def _booked(state: State, told: Evidence, step: Step) -> None:
    deliveries.book(state.case(told.order_no), told)


def _raised(state: State, told: Evidence, step: Step) -> None:
    number, affected = excuses.note_raised(state, told)
    topics.note(state, told, topics.EXCEPTION)
    if warned := early_warnings.warned_in(told.type, told.data, told.actor):
        step.verdicts += early_warnings.told_early(state, told, number, warned.person, affected)
    step.verdicts += early_warnings.answered(state, number)
    _extend(state, told, number, affected, step)


def _decided(state: State, told: Evidence, step: Step) -> None:
    number, affected = excuses.note_decided(state, told)
    topics.note(state, told, topics.EXCEPTION)
    step.verdicts += early_warnings.answered(state, number)
    _extend(state, told, number, affected, step)


def _purchased(state: State, told: Evidence, step: Step) -> None:
    """Whoever made the purchase order is named by it: the goods of its lines are theirs to bring."""
    ordered = (told.mark, told.data.get("assignee") or told.data["issued_by"])
    for line in told.data["lines"]:
        duty = _arrival(state, told, line)
        duty.ordered = tuple(sorted((*duty.ordered, ordered), key=lambda known: known[0].order))
        step.say(duties.reckon_all(state, duty))


def _delay_reported(state: State, told: Evidence, step: Step) -> None:
    duty, number = _arrival(state, told, told.data), told.data["delay_no"]
    person = told.data.get("reported_by") or told.actor
    step.verdicts += early_warnings.told_early(state, told, number, person, [duty.id])
    state.delays[number] = told.mark
    topics.note(state, told, topics.DELAY)
    step.say(duties.reckon_all(state, duty))


def _operation_delayed(state: State, told: Evidence, step: Step) -> None:
    """A team's report has no number of its own: told again of the same operation, it is the same warning."""
    operation = f"{told.data['production_order_no']}/{told.data['op_no']}"
    person = told.data.get("reported_by") or told.actor
    step.verdicts += early_warnings.told_early(state, told, operation, person, [f"operation:{operation}"])


def _redated(state: State, told: Evidence, step: Step) -> None:
    data = told.data
    redate = Redate(told.mark, data["required_on"], data["delay_no"])
    duty = _arrival(state, told, data)
    duty.redates = tuple(sorted((*duty.redates, redate), key=lambda known: known.mark.order))
    step.say(duties.reckon_all(state, duty))


def _forgotten(state: State, told: Evidence, step: Step) -> None:
    for duty in _touched(state, told, step):
        duty.forgotten = tuple(sorted({*duty.forgotten, told.data["position"]}))
        step.say(duties.reckon_all(state, duty))


def _settled(state: State, told: Evidence, step: Step) -> None:
    for duty in _touched(state, told, step):
        duty.forgotten = tuple(position for position in duty.forgotten if position != told.data["position"])
        step.say(duties.reckon_all(state, duty))


def _touched(state: State, told: Evidence, step: Step) -> Iterator[Duty]:
    for ref in told.data["duties"]:
        duty = duties.find(state, ref, told.order_no)
        step.orders[duty.order_no] = None
        yield duty


def _complaint_received(state: State, told: Evidence, step: Step) -> None:
    """The customer's mail carries its own time; what somebody took by word of mouth is known from when it was written down."""
    number = told.data["complaint_no"]
    stated = parse(told.data["received_at"])
    received_at = stated if told.data["channel"] == "mail" else told.mark.at
    complaint = state.complaints.setdefault(number, Complaint())
    complaint.received_at, complaint.received = received_at, told.mark
    topics.note(state, told, topics.COMPLAINT)
    step.say(duties.reckon_all(state, duties.find(state, {"link": "complaint_to_pmc", "key": number}, told.order_no)))


def _complaint_closed(state: State, told: Evidence, step: Step) -> None:
    state.complaints.setdefault(told.data["complaint_no"], Complaint()).closed = told.mark
    topics.note(state, told, topics.COMPLAINT)


def _keep(state: State, told: Evidence, step: Step) -> None:
    """Keep a fact that may prove or disprove a breach, also one that was found without naming an order."""
    kind = BY_EVENT.get(told.type)
    if kind is None or (kind.unless_empty and not any(map(told.data.get, kind.unless_empty))):
        return
    case = state.case(told.order_no)
    kept = {name: told.data[name] for name in kind.fields if name in told.data}
    exhibit = Exhibit(told.type, told.mark, told.actor, told.actor_post, kept)
    insort(case.exhibits.setdefault(kind.noun, []), exhibit, key=lambda known: known.mark.order)
    case.troubled = case.troubled or in_force.may_breach(state, told.type)
    shared.note(state, case, exhibit)
    if shared.concerns_the_company(state, case.order_no):
        step.orders[COMPANY] = None


def _trouble_of_production(case: Case) -> None:
    for production in case.productions.values():
        if production.finished and production.due_at is not None and production.finished.at > production.due_at:
            case.troubled = True


def _extend(state: State, told: Evidence, number: str, affected: list[str], step: Step) -> None:
    for name in affected:
        link, _, key = name.partition(":")
        duty = duties.find(state, {"link": link, "key": key}, told.order_no)
        if number not in duty.exceptions:
            duty.exceptions = tuple(sorted((*duty.exceptions, number)))
        step.say(duties.reckon_all(state, duty))


def _arrival(state: State, told: Evidence, line: Mapping[str, Any]) -> Duty:
    key = f"{line['requirement_no']}/{line['requirement_line_no']}"
    return duties.find(state, {"link": "arrival", "key": key}, told.order_no)


HANDLERS: dict[str, Callable[[State, Evidence, Step], None]] = {
    **dict.fromkeys(DELIVERED, _delivered),
    **{f"{service}.service_unavailable.v1": company_wide.unavailable for service in SERVICES},
    **{f"{service}{LATE_WORD}": _came_late for service in SERVICES},
    **{f"{service}.shipment_blocked.v1": _stop("block", begins=True) for service in ("pmc", "quality")},
    **{f"{service}.shipment_unblocked.v1": _stop("block", begins=False) for service in ("pmc", "quality")},
    "engineering.work_stopped.v1": _stop("stop_work", begins=True),
    "engineering.work_resumed.v1": _stop("stop_work", begins=False),
    "sales.order_confirmed.v1": _on_case(deliveries.confirm),
    "sales.order_amended.v1": _on_case(deliveries.amend),
    "sales.delivery_postponed.v1": _on_case(deliveries.postpone),
    "sales.order_cancelled.v1": _on_case(deliveries.cancel),
    "sales.complaint_received.v1": _complaint_received,
    "pmc.complaint_closed.v1": _complaint_closed,
    "pmc.meeting_called_off.v1": _called_off,
    "pmc.requisition_given_up.v1": _called_off,
    "warehouse.shipment_withheld.v1": _called_off,
    "quality.disposition_overtaken.v1": _called_off,
    "quality.disposition_decided.v1": _disposed,
    "engineering.package_called_off.v1": _called_off,
    "pmc.production_order_called_off.v1": _called_off,
    "pmc.requisition_withdrawn.v1": _called_off,
    "warehouse.withdrawal_decided.v1": _called_off,
    "pmc.production_order_issued.v1": _planned,
    "pmc.operation_finished.v1": _operation_finished,
    "warehouse.finished_goods_received.v1": _booked,
    **dict.fromkeys(HINDERED, _raised),
    "pmc.exception_raised.v1": _raised,
    "pmc.exception_decided.v1": _decided,
    "pmc.operation_delay_reported.v1": _operation_delayed,
    "pmc.purchase_redated.v1": _redated,
    "purchasing.purchase_order_issued.v1": _purchased,
    "purchasing.delay_reported.v1": _delay_reported,
    "warehouse.goods_shipped.v1": _shipped,
    "accountability.post_assigned.v1": company_wide.assigned,
    "accountability.post_ended.v1": company_wide.ended,
    "accountability.calendar_set.v1": company_wide.calendar_set,
    "accountability.rulebook_activated.v1": company_wide.rulebook_activated,
    "accountability.paper_countersigned.v1": countersigned.count_from_paper,
    "accountability.suspicion_cleared.v1": cleared.note_clearing,
    "accountability.fact_forgotten.v1": _forgotten,
    "accountability.forgotten_fact_settled.v1": _settled,
}
