"""Do the verdicts depend on the facts alone: not on arrival, duplicates, ticks, restarts, late admission?"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.instants import instant, moment
from contracts import accountability, engineering, links, pmc, sales, warehouse
from services.accountability.judge.admission import admission
from services.accountability.judge.evidence import Entry, Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.snapshot import dump, load
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import RecordProposal, Suspected, Verdict
from services.accountability.people.calendar import shipped_calendar
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, in_order, local, outcome
from tests.support.orders import Step, an_order

END = local("2026-06-30 17:00")
PROPERTY = settings(max_examples=25)

LINKS: tuple[str, ...] = (
    *("release", "package", "requirement", "production_order", "arrival", "dispatch", "operation", "issue"),
    *("final_inspection", "finished_receipt", "notice", "planner_review", "instruction", "outgoing_qa", "ship"),
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Two orders with some handovers late or forgotten, and a few things that happen to them."""
    story = a_story()
    for number in (1, 2):
        an_order(
            story,
            f"SO-{number}",
            starts="2026-03-03 09:00",
            delivery_date=draw(st.sampled_from(["2026-03-04", "2026-03-06", "2026-03-13"])),
            takes=draw(st.dictionaries(st.sampled_from(LINKS), st.sampled_from([0.1, 4, 9, 17, 30]), max_size=4)),
            never=draw(st.sets(st.sampled_from(LINKS[6:]), max_size=1)),
            extra=draw(st.sampled_from([None, blocks_the_shipment, raises_an_exception])),
        )
    for happening in draw(st.lists(st.sampled_from(HAPPENINGS), max_size=4, unique=True)):
        happening(story)
    return story


def blocks_the_shipment(story: Story, step: Step) -> None:
    if step.duty.link == "outgoing_qa":
        story.states(pmc.ShipmentBlocked, order_no=f"SO-{step.duty.key[-1]}", block_no=f"BLK-{step.duty.key}")


def raises_an_exception(story: Story, step: Step) -> None:
    if step.duty.link in {"operation", "ship"}:
        said: dict[str, Any] = {
            "exception_no": f"EXC-{step.duty}",
            "affected_orders": [],
            "affected_duties": [step.duty],
        }
        order_no = f"SO-{step.duty.key.split('/')[0][-1]}"
        story.states(pmc.ExceptionRaised, order_no=order_no, kind="other", **said)
        decided: dict[str, Any] = {"accepted": True, "extension_hours": "12", "decided_by": STAFF["general_manager"]}
        story.states(pmc.ExceptionDecided, order_no=order_no, **said, **decided)


def is_cancelled(story: Story) -> None:
    story.at("2026-03-05 14:00").states(sales.OrderCancelled, order_no="SO-1")


def a_line_is_taken_off(story: Story) -> None:
    story.at("2026-03-05 11:00").states(sales.OrderAmended, order_no="SO-1", revision=2, lines=[a_line(line_no=2)])


def a_line_is_wanted_again(story: Story) -> None:
    lines = [a_line(delivery_date="2026-03-27"), a_line(line_no=2, delivery_date="2026-03-27")]
    story.at("2026-03-09 15:00").states(sales.OrderAmended, order_no="SO-1", revision=3, lines=lines)


def is_postponed(story: Story) -> None:
    story.at("2026-03-04 11:00").states(sales.DeliveryPostponed, order_no="SO-2", delivery_date="2026-03-10")


def warehouse_is_down(story: Story) -> None:
    began, ended = local("2026-03-05 10:00"), local("2026-03-06 15:00")
    story.at("2026-03-06 15:00").states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)


def somebody_takes_over(story: Story) -> None:
    story.at("2026-03-05 08:30").relieves(STAFF["storekeeper"], "storekeeper")
    story.appoints("E-088", "storekeeper")


def a_holiday_is_added(story: Story) -> None:
    days = shipped_calendar()
    days["public_holidays"] = [*days["public_holidays"], "2026-03-05"]
    story.at("2026-03-04 16:00").states(accountability.CalendarSet, calendar_no="CAL-2", **days)


def shifts_change(story: Story) -> None:
    shifts = [{"start": "07:00", "end": "11:30"}, {"start": "12:30", "end": "17:30"}]
    story.at("2026-03-09 06:00").states(
        accountability.CalendarSet, calendar_no="CAL-3", **shipped_calendar() | {"shifts": shifts}
    )


def more_is_ordered(story: Story) -> None:
    lines = [a_line(delivery_date="2026-03-27", quantity="3")]
    story.at("2026-03-11 10:00").states(sales.OrderAmended, order_no="SO-2", lines=lines)


def a_line_is_left_out_by_mistake(story: Story) -> None:
    wanted, other = a_line(delivery_date="2026-03-16"), a_line(line_no=9, delivery_date="2026-03-27")
    story.at("2026-03-06 10:00").states(sales.OrderAmended, order_no="SO-1", revision=2, lines=[other])
    story.at("2026-03-06 14:00").states(sales.OrderAmended, order_no="SO-1", revision=3, lines=[wanted, other])
    story.at("2026-03-09 10:00").states(sales.OrderAmended, order_no="SO-1", revision=4, lines=[wanted])


def an_exception_comes_before_the_work(story: Story) -> None:
    duties = [links.operation("MO-SO-1", 20), links.production_order("SO-2", 1)]
    said: dict[str, Any] = {"exception_no": "EXC-9", "affected_orders": ["SO-1", "SO-2"], "affected_duties": duties}
    story.at("2026-03-03 09:10").states(pmc.ExceptionRaised, order_no=None, kind="other", **said)
    decided: dict[str, Any] = {"accepted": True, "extension_hours": "6", "decided_by": STAFF["general_manager"]}
    story.at("2026-03-05 09:10").states(pmc.ExceptionDecided, order_no=None, **said, **decided)


def a_document_is_missing(story: Story) -> None:
    for number, document in enumerate(("drawing", "route")):
        said: dict[str, Any] = {
            "report_no": f"MDR-{number}",
            "package_no": "PKG-SO-1",
            "line_no": 1,
            "document": document,
        }
        story.at(f"2026-03-06 1{number}:00").states(pmc.MissingDocumentReported, order_no="SO-1", **said)
        story.at("2026-03-06 15:00").states(
            engineering.MissingDocumentDecided, by=STAFF["engineering_manager"], order_no="SO-1", confirmed=True, **said
        )


def the_storekeeper_is_appointed_anew(story: Story) -> None:
    said = {"assignment_no": "A-9", "employee": STAFF["storekeeper"], "post": "storekeeper"}
    story.at("2026-03-05 08:15").states(accountability.PostAssigned, effective_from=story.now, **said)


def the_warehouse_reports_what_hinders_it(story: Story) -> None:
    """PMC hears of it late, and makes an exception of it that is accepted."""
    said: dict[str, Any] = {
        "hindrance_no": "HDW-1",
        "kind": "breakdown",
        "affected_orders": ["SO-1", "SO-2"],
        "affected_duties": [links.ship("SHN-SO-1"), links.ship("SHN-SO-2"), links.receipt("LOT-SO-2")],
        "order_no": None,
    }
    story.at("2026-03-04 09:20").states(warehouse.HindranceReported, by=STAFF["storekeeper"], **said)
    story.at("2026-03-05 15:20").states(
        pmc.ExceptionRaised, exception_no="EXC-8", raised_by=STAFF["storekeeper"], **said
    )
    said.pop("kind")
    decided: dict[str, Any] = {"accepted": True, "extension_hours": "16", "decided_by": STAFF["planner"]}
    story.at("2026-03-06 09:20").states(pmc.ExceptionDecided, exception_no="EXC-8", **said, **decided)


def is_complained_of(story: Story) -> None:
    story.at("2026-03-16 09:00").states(
        sales.ComplaintReceived, order_no="SO-1", kind="lateness", received_at=story.now, channel="mail"
    )
    said: dict[str, Any] = {"matter": "complaint", "cause": "production", "complaint_no": "C-1", "line_no": 1}
    story.at("2026-03-18 09:00").states(
        pmc.ComplaintAttributed, by=STAFF["planner"], order_no="SO-1", attribution_no="ATT-1", **said
    )


def is_found(story: Story, when: str, clause: str, person: str, **said: Any) -> None:
    known: dict[str, Any] = {
        "clause": clause,
        "person": STAFF[person],
        "rulebook_version": "2026-01",
        "occurred_at": local("2026-03-05 09:00"),
    }
    known |= {"evidence_documents": ["INQ-1"], "found_as": "hr", "order_no": "SO-1"}
    story.at(when).states(accountability.BreachFound, by=STAFF["hr"], **(known | said))


def a_finding_is_corrected(story: Story) -> None:
    is_found(story, "2026-03-09 09:00", "MER-04", "merchandiser", finding_no="FND-1", sanction="minor_demerit")
    is_found(story, "2026-03-10 09:00", "MER-04", "merchandiser", finding_no="FND-2", corrects="FND-1")


def a_finding_is_withdrawn(story: Story) -> None:
    is_found(story, "2026-03-11 09:00", "GEN-01", "salesperson", finding_no="FND-3", consequence="…")
    said = {"finding_no": "FND-3", "clause": "GEN-01", "person": STAFF["salesperson"]}
    story.at("2026-03-12 09:00").states(accountability.FindingWithdrawn, by=STAFF["hr"], order_no="SO-1", **said)


def movements_are_found_unbooked(story: Story) -> None:
    said = {"items": ["…", "…"], "evidence_facts": [{"position": 1, "hash": "aa"}], "finding_no": "FND-4"}
    is_found(story, "2026-03-12 10:00", "WHS-01", "storekeeper", **said)


HAPPENINGS = (
    shifts_change,
    more_is_ordered,
    a_line_is_left_out_by_mistake,
    an_exception_comes_before_the_work,
    the_warehouse_reports_what_hinders_it,
    a_document_is_missing,
    the_storekeeper_is_appointed_anew,
    is_cancelled,
    a_line_is_taken_off,
    a_line_is_wanted_again,
    is_postponed,
    warehouse_is_down,
    somebody_takes_over,
    a_holiday_is_added,
    is_complained_of,
    a_finding_is_corrected,
    a_finding_is_withdrawn,
    movements_are_found_unbooked,
)


def judged_in_full(story: Story) -> Outcome:
    return outcome(State(), story.entries(), END)


@PROPERTY
@given(stories(), st.lists(st.floats(0, 1), max_size=30))
def test_splitting_the_ticks_changes_nothing(story, splits):
    entries = story.entries()
    first, last = instant(entries[0].admitted), instant(END)
    ticks = sorted(moment(first + int(split * (last - first))) for split in splits)
    state, said = State(), list[Verdict]()

    for item in sorted([*entries, *map(Tick, ticks)], key=when):
        said += judge(state, item)
    said += judge(state, Tick(END))

    assert said == judged_in_full(story).verdicts


def when(item: Entry | Tick) -> tuple[datetime, int, str, int]:
    """A tick at an instant comes before the facts of that instant: the frontier is exclusive."""
    if isinstance(item, Tick):
        return item.frontier, 0, "", 0
    return item.admitted, 1, item.fact["source"], item.fact["sequence"]


@PROPERTY
@given(stories(), st.lists(st.integers(0, 200), max_size=4))
def test_a_restart_from_a_snapshot_anywhere_changes_nothing(story, restarts):
    entries = story.entries()
    state, said = State(), list[Verdict]()

    for index, entry in enumerate(entries):
        if index in {restart % len(entries) for restart in restarts}:
            snapshot = dump(state)
            state = load(snapshot)
            assert dump(state) == snapshot
        said += judge(state, entry)
    said += judge(state, Tick(END))

    whole = judged_in_full(story)
    assert said == whole.verdicts
    assert dump(state) == dump(whole.state)


@PROPERTY
@given(stories(), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=20))
def test_duplicates_say_nothing(story, copies):
    entries = story.entries()
    twice = list(entries)
    for which, later in copies:
        copy = entries[which % len(entries)]
        place = min(twice.index(copy) + 1 + later, len(twice))
        before = twice[place - 1].admitted
        twice.insert(place, Entry(10_000 + place, before, copy.fact, copy.hash))

    assert outcome(State(), twice, END).verdicts == judged_in_full(story).verdicts


@PROPERTY
@given(stories(), st.integers(0, 2**32).map(Random))
def test_the_order_of_arrival_changes_nothing(story, random):
    """Facts reach the ledger in any order; the frontier waits for the slowest, and the judge stays behind it."""
    arriving = sorted(story.entries(), key=lambda fact: fact.admitted + timedelta(hours=random.uniform(0, 80)))
    state, said, ledger = State(), list[Verdict](), list[Entry]()
    frontier = local("2026-01-01 00:00")

    for index, entry in enumerate(arriving):
        ledger.append(entry.at(admission(entry.fact, frontier)))
        promised = min((missing.admitted for missing in arriving[index + 1 :]), default=END)
        if promised > frontier and random.random() < 0.3:
            frontier = promised
            ready = in_order(entry for entry in ledger if entry.admitted < frontier)
            ledger = [entry for entry in ledger if entry.admitted >= frontier]
            said += outcome(state, ready, frontier).verdicts
    said += outcome(state, in_order(ledger), END).verdicts

    assert said == judged_in_full(story).verdicts


@PROPERTY
@given(stories(), st.integers(0, 2**32).map(Random))
def test_what_is_admitted_late_leads_to_the_same_records_in_the_end(story, random):
    """Cause and effect in any order: only the way differs, never what stands at last."""
    late = [entry.at(entry.admitted + timedelta(hours=random.choice([0, 0, 1, 30, 400]))) for entry in story.entries()]

    assert contents(outcome(State(), in_order(late), END)) == contents(judged_in_full(story))


def contents(told: Outcome) -> set[tuple[object, ...]]:
    """What stands, without the way there: numbers of revisions and reasons of replacement."""
    return {
        (key, found.clause, tuple(b.about for b in found.breaches), person_of(found))
        for key, found in told.standing.items()
    }


def person_of(found: RecordProposal | Suspected) -> object:
    return (found.person, found.absorbed, found.compensation) if isinstance(found, RecordProposal) else found.reason


def test_the_stories_are_not_all_quiet():
    """The properties above would hold for a judge that never speaks."""
    story = a_story()
    an_order(story, "SO-1", delivery_date="2026-03-06", takes={"notice": 30, "production_order": 9})
    raised = links.operation("MO-SO-1", 10)
    told = judged_in_full(story)

    assert told.records == {"SHP-01": STAFF["salesperson"], "PMC-01": STAFF["planner"]}
    assert told.duty(raised)
