"""Do a month's figures add up, whatever came of its handovers?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.people import Person
from contracts.event import SERVICES
from services.accountability.figures.figures import Figures, Tally, causes, figures_of, month
from services.accountability.figures.monthly import Laggard, Report
from services.accountability.figures.outcomes import Lost
from services.accountability.figures.report_files import PaperFailed, paper
from services.accountability.figures.report_tables import remarks, tables
from services.accountability.judge.verdicts import DutyStatus
from services.accountability.models import RecordStatus
from services.accountability.privacy.seeing import Eyes

OUTCOMES = [*DutyStatus, "excused"]
LINKS = ["receipt", "release", "operation"]
LENGTHS = st.integers(0, 100_000).map(lambda minutes: timedelta(minutes=minutes))
TALLIES = st.lists(
    st.builds(
        Tally,
        st.sampled_from(SERVICES),
        st.sampled_from(LINKS),
        st.sampled_from(OUTCOMES),
        st.integers(0, 500),
        LENGTHS,
        LENGTHS,
    ),
    max_size=30,
)
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


def a_lost_date(order_no: str = "SO-1", **said: Any) -> Lost:
    known: dict[str, Any] = {
        "of": "delivery",
        "number": "1",
        "due_at": NOON,
        "done_at": NOON,
        "month": date(2026, 3, 1),
        "infeasible": False,
        "duty": "release:SO-1",
        "attempt": 1,
        "link": "release",
        "department": "sales",
        "clause": "MER-01",
        "overrun": timedelta(hours=5),
    }
    return Lost(order_no, **(known | said))


@given(TALLIES)
def test_departments_and_links_sum_up_to_the_company(tallies: list[Tally]) -> None:
    found = month(tallies, [], {})

    assert reduce(Figures.__add__, found.departments.values(), Figures()) == found.company
    assert reduce(Figures.__add__, found.links.values(), Figures()) == found.company
    assert reduce(Figures.__add__, map(figures_of, tallies), Figures()) == found.company


@given(TALLIES)
def test_every_handover_counts_once_and_the_rate_leaves_out_what_is_not_decided(tallies: list[Tally]) -> None:
    company = month(tallies, [], {}).company
    everything = sum(tally.handovers for tally in tallies)

    assert company.on_time + company.excused + company.late == company.due
    assert company.due + company.under_way + company.cancelled == everything
    assert company.lost == sum((t.overrun for t in tallies if t.outcome == DutyStatus.OVERRAN), timedelta())
    assert (company.rate is None) == (company.due == 0)
    assert company.rate is None or 0 <= company.rate <= 100


def test_first_causes_are_counted_by_date_and_order_the_most_frequent_first() -> None:
    dates = [
        a_lost_date("SO-1", overrun=timedelta(hours=30), link="notice", clause="SHP-01"),
        a_lost_date("SO-2"),
        a_lost_date("SO-2", number="2", overrun=None),
        a_lost_date("SO-3", link=None, department=None, clause=None, infeasible=True),
        a_lost_date("SO-4", link=None, department=None, clause=None),
    ]

    found = [(one.link, one.clause, one.dates, one.orders, one.hours) for one in causes(dates)]

    assert found == [
        ("release", "MER-01", 2, 1, timedelta(hours=5)),
        ("notice", "SHP-01", 1, 1, timedelta(hours=30)),
    ]
    whole = month([], dates, {})
    assert (whole.missed, whole.caused, whole.infeasible, whole.unexplained) == (5, 3, 1, 1)


def a_report(**said: Any) -> Report:
    tallies = [Tally("sales", "release", "overran", 2, timedelta(hours=5)), Tally("pmc", "issue", "in_time", 3)]
    found = month(tallies, [a_lost_date()], {"sales": {RecordStatus.ISSUED: 1, RecordStatus.WITHDRAWN: 2}})
    known: dict[str, Any] = {"first": date(2026, 3, 1), "now": NOON, "judged_to": NOON, "month": found, "people": ()}
    return Report(**(known | said))


def eyes(*people: str) -> Eyes:
    return Eyes(Person("E-061", "小13", "warehouse", (), NOON), all=False, people=frozenset(people))


def test_every_figure_above_nothing_leads_to_its_evidence() -> None:
    for table in tables(a_report(), eyes(), str):
        for row in table.rows:
            for cell, head in zip(row, table.heads, strict=True):
                if isinstance(cell.value, int | float) and cell.value:
                    assert cell.href.startswith("/reports/2026-03/"), (table.name, head.en)


def test_people_are_named_only_for_who_may_read_their_names() -> None:
    people = (
        Laggard("sales", "E-001", 2, timedelta(hours=5), ("PEN-1",)),
        Laggard("pmc", "E-020", 1, timedelta(hours=1), ()),
    )

    assert [table.name for table in tables(a_report(people=people), eyes(), str)][-1] == "records"
    *_, named = tables(a_report(people=people), eyes("E-001"), str)
    assert [[cell.text for cell in row] for row in named.rows] == [["E-001", "业务部", "2", "5.0", "1"]]


def test_a_month_that_is_not_over_says_so_and_up_to_when_verdicts_are_complete() -> None:
    said = [str(remark) for remark in remarks(a_report(), str)]
    over = a_report(now=NOON + timedelta(days=40), judged_to=NOON + timedelta(days=39))

    assert len(said) == 2
    assert "本月尚未结束" in said[0]
    assert f"裁定完整至 {NOON}" in said[1]
    assert [str(remark) for remark in remarks(over, str)] == ["本月的裁定已齐全。"]


async def test_a_pdf_that_cannot_be_made_says_why() -> None:
    with pytest.raises(PaperFailed, match="title"):
        await paper({})
