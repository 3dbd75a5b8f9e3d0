"""Do the figures' tables say what the judge's memory says, however the facts came and wherever the judge began again?"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import links, sales, warehouse
from services.accountability.figures.outcomes import Changed, Lost, Outcome, changed, everything
from services.accountability.judge.snapshot import dump, load
from services.accountability.judge.state import State
from tests.accountability.stories import TUESDAY
from tests.accountability.test_fold import END, PROPERTY, stories
from tests.support.facts import STAFF, Story, a_story, in_order, local, outcome
from tests.support.orders import an_order


class Books:
    """Two tables as dictionaries, kept like the judge's writer keeps them."""

    def __init__(self) -> None:
        self.outcomes: dict[tuple[str, int], Outcome] = {}
        self.lost: dict[tuple[str, str, str], Lost] = {}

    def write(self, said: Changed) -> Books:
        self.outcomes |= {(row.duty, row.attempt): row for row in said.outcomes}
        self.lost = {name: row for name, row in self.lost.items() if row.order_no not in said.orders}
        self.lost |= {(row.order_no, row.of, row.number): row for row in said.lost}
        return self


@PROPERTY
@given(stories(), st.lists(st.integers(0, 400), min_size=1, max_size=6), st.integers(0, 2**32).map(Random))
def test_what_was_written_batch_by_batch_is_what_the_whole_memory_says(
    story: Story, cuts: list[int], random: Random
) -> None:
    late = [entry.at(entry.admitted + timedelta(hours=random.choice([0, 0, 1, 30, 400]))) for entry in story.entries()]
    entries = in_order(late)
    ends = sorted({cut % len(entries) for cut in cuts} | {len(entries)})
    state, books = State(), Books()

    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        until = entries[end].admitted if end < len(entries) else END
        state = load(dump(state))
        told = outcome(state, entries[start:end], until)
        books.write(changed(state, told.verdicts))

    whole = Books().write(everything(state))
    assert books.outcomes == whole.outcomes
    assert books.lost == whole.lost


def in_time(row: Outcome) -> tuple[str, date | None, timedelta, timedelta]:
    return row.outcome, row.month, row.overrun, row.excused


def the(story: Story, duty: object, until: str = "2026-06-30 17:00") -> Outcome:
    rows = Books().write(everything(story.judged(until).state)).outcomes
    return rows[str(duty), 1]


def test_a_late_handover_counts_in_the_month_it_was_due_with_its_working_hours_and_its_person() -> None:
    story, duty = a_story(), links.receipt("LOT-1")
    story.at("2026-03-31 15:00").delivers(duty, "storekeeper", service="warehouse")
    assert the(story, duty, "2026-04-01 14:00").outcome == "open"
    story.at("2026-04-02 10:00").states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])

    row = the(story, duty)

    assert (row.department, row.link, row.person) == ("warehouse", "receipt", STAFF["storekeeper"])
    assert in_time(row) == ("overran", date(2026, 4, 1), timedelta(hours=4), timedelta())


def test_what_is_late_and_still_open_has_no_overrun_yet() -> None:
    story, duty = a_story(), links.receipt("LOT-1")
    story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse")

    assert in_time(the(story, duty)) == ("overran", date(2026, 3, 1), timedelta(), timedelta())


def test_what_ended_in_time_only_because_the_service_was_down_is_excused() -> None:
    outcomes = {}
    for hours in (1, 3):
        story, duty = a_story(), links.receipt("LOT-1")
        story.at(TUESDAY).delivers(duty, "storekeeper", service="warehouse")
        began = local("2026-03-03 10:00")
        down: dict[str, Any] = {"started_at": began, "ended_at": began + timedelta(hours=2)}
        story.at("2026-03-03 14:00").states(warehouse.ServiceUnavailable, **down)
        story.at(local("2026-03-04 08:00") + timedelta(hours=hours - 0.5))
        story.states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])
        row = the(story, duty)
        outcomes[hours] = (row.outcome, row.excused)

    assert outcomes == {1: ("in_time", timedelta(hours=2)), 3: ("excused", timedelta(hours=2))}


def test_a_first_cause_is_kept_with_link_department_clause_and_hours() -> None:
    story = a_story()
    an_order(story, delivery_date="2026-03-05", takes={"release": 9, "final_inspection": 20, "instruction": 27})

    lost = [row for row in everything(story.judged().state).lost if row.of == "delivery"]

    (row,) = lost
    assert (row.order_no, row.number, row.month, row.infeasible) == ("SO-1", "1", date(2026, 3, 1), False)
    assert (row.link, row.department, row.clause) == ("instruction", "pmc", "SHP-02")
    assert row.overrun == timedelta(hours=23)


def test_a_date_that_the_customer_had_postponed_in_time_is_lost_no_longer() -> None:
    story = a_story()
    run = an_order(story, delivery_date="2026-03-05", takes={"instruction": 27})
    assert run.closed
    entries, state, books = story.entries(), State(), Books()
    books.write(changed(state, outcome(state, entries, local("2026-04-30 17:00")).verdicts))
    assert books.lost
    late = a_story()
    late.told = list(story.told)
    late.at("2026-03-04 09:00").coming_late("2026-05-04 09:00")
    late.states(sales.DeliveryPostponed, order_no="SO-1", delivery_date="2026-03-30")

    books.write(changed(state, outcome(state, late.entries()[-1:], END).verdicts))

    assert not books.lost
