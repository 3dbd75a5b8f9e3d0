"""Does what was written on paper during an outage count from then, when another department's manager has seen it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from contracts import links, pmc, purchasing, sales, warehouse
from contracts.accountability import PaperCountersigned, RulebookActivated
from contracts.event import Event
from services.accountability.judge.verdicts import DutyStatus, EarlyWarning, WarningAnswered
from services.accountability.people.calendar import shipped_calendar
from services.accountability.process.countersignatures import outages_since, told_on_paper
from services.accountability.rules.rulebook_periods import BACKFILL
from tests.accountability.house import house
from tests.accountability.stories import TUESDAY
from tests.accountability.test_fair_verdicts import confirmed
from tests.accountability.test_settled import with_and_without
from tests.support.departments import department
from tests.support.facts import RULES, STAFF, Story, a_line, a_story, fields_of, local
from tests.support.orders import an_order

BEGAN, ENDED = "2026-03-03 13:00", "2026-03-03 16:00"
WRITTEN = "2026-03-03 15:00"
SHIPPED = links.ship("SHN-1")
"""Delivered on Tuesday at 09:00 after its date, so due at 14:00; three hours of outage make that 17:00."""


def shipped_on_paper(recorded: str, story: Story | None = None, *, delivered: str = TUESDAY) -> Story:
    """The warehouse is down when the goods leave on a paper delivery note; it is booked afterwards."""
    story = story or a_story()
    lines = [a_line(delivery_date="2026-03-02", quantity="1")]
    story.at("2026-02-27 09:00").states(sales.OrderConfirmed, order_no="SO-1", lines=lines)
    story.at(delivered).delivers(SHIPPED, "storekeeper", service="warehouse")
    story.at(ENDED).states(warehouse.ServiceUnavailable, started_at=local(BEGAN), ended_at=local(ENDED))
    said: dict[str, Any] = {"notice_no": "SHN-1", "quantity": "1", "line_no": 1}
    return story.at(recorded).states(
        warehouse.GoodsShipped, by=STAFF["storekeeper"], order_no="SO-1", closes=[SHIPPED], **said
    )


def countersigned(story: Story, written: str = WRITTEN, when: str = "2026-03-05 09:00") -> Story:
    said: dict[str, Any] = {
        "source": "warehouse",
        "position": len(story.told),
        "written_at": local(written),
        "duties": [SHIPPED],
    }
    return story.at(when).states(PaperCountersigned, order_no="SO-1", **said)


def test_a_countersigned_paper_counts_from_when_it_was_written():
    story = shipped_on_paper("2026-03-04 11:00")
    before = story.judged(until="2026-03-05 08:00")

    told = countersigned(story).judged()

    assert before.records == {"SHP-03": STAFF["storekeeper"]}
    assert told.records == {}
    assert told.withdrawn[0].because_en.startswith("the paper of an outage was countersigned")
    assert (told.duty(SHIPPED).status, told.duty(SHIPPED).closed_at) == (DutyStatus.IN_TIME, local(WRITTEN))


@pytest.mark.parametrize(
    ("recorded", "written", "counts"),
    [
        ("2026-03-04 16:00", WRITTEN, True),  # exactly a working day after the outage
        ("2026-03-04 16:01", WRITTEN, False),
        ("2026-03-04 11:00", BEGAN, True),
        ("2026-03-04 11:00", "2026-03-03 12:59", False),  # the service was there to record it
        ("2026-03-04 11:00", "2026-03-03 16:01", False),
    ],
)
def test_only_what_was_written_in_an_outage_and_recorded_within_a_working_day_counts(recorded, written, counts):
    told = countersigned(shipped_on_paper(recorded), written).judged()

    assert told.records == ({} if counts else {"SHP-03": STAFF["storekeeper"]})


@pytest.mark.parametrize(
    ("period", "recorded", "counts"),
    [
        ("4 h", "2026-03-04 11:00", True),  # exactly four working hours after the outage: one that day, three the next
        ("4 h", "2026-03-04 11:01", False),
        ("2 d", "2026-03-05 16:00", True),
    ],
)
def test_how_long_after_an_outage_paper_may_be_recorded_is_a_setting_of_the_rulebook(period, recorded, counts):
    story = a_story()
    another_period_counts(story, period, "2026-03-03 08:00")
    shipped_on_paper(recorded, story)

    assert (countersigned(story, when="2026-03-06 09:00").judged().records == {}) is counts


def test_the_rulebook_in_force_when_the_outage_ended_says_so():
    story = a_story()
    another_period_counts(story, "30 min", "2026-03-04 08:00")
    shipped_on_paper("2026-03-04 11:00", story)

    assert countersigned(story).judged().records == {}


def another_period_counts(story: Story, period: str, since: str) -> None:
    rules = {**deepcopy(RULES), "version": "2026-02"}
    next(each for each in rules["settings"] if each["key"] == BACKFILL)["value"] = period
    story.at("2026-03-02 09:00").states(RulebookActivated, version="2026-02", effective_from=local(since), rules=rules)


def test_a_paper_closes_nothing_before_it_was_delivered():
    told = countersigned(shipped_on_paper("2026-03-04 11:00", delivered="2026-03-03 15:30")).judged()

    assert told.duty(SHIPPED).closed_at == local("2026-03-03 15:30")


OPERATION, ARRIVAL = links.operation("MO-1", 10), links.arrival("MRL-1", 1)


def outage(story: Story, service: type[Event]) -> Story:
    return story.at(ENDED).states(service, started_at=local(BEGAN), ended_at=local(ENDED))


def paper_of(story: Story, when: str = "2026-03-05 09:00", written: str = WRITTEN) -> Story:
    """The last fact was written on paper then, and is countersigned as the office would say it."""
    fact = story.told[-1].fact
    said: dict[str, Any] = {
        "source": fact["source"],
        "position": len(story.told),
        "recorded_at": story.told[-1].recorded_at,
        "written_at": local(written),
        **told_on_paper(fact["type"], fact["data"], fact["actor"]),
    }
    return story.at(when).states(PaperCountersigned, order_no=fact["data"]["order_no"], **said)


def taken_off(story: Story) -> Story:
    return story.states(sales.OrderAmended, order_no="SO-1", revision=2, lines=[a_line()])


def given_up(story: Story) -> Story:
    return story.states(sales.OrderCancelled, order_no="SO-1", reason="客户取消")


@pytest.mark.parametrize("says", [taken_off, given_up])
def test_what_the_customer_takes_back_on_paper_is_owed_no_longer_from_then_on(says: Callable[[Story], Story]):
    made = links.operation("MO-2", 10)
    story = confirmed(a_story().at("2026-03-02 09:00"), a_line(), a_line(line_no=2)).at("2026-03-03 09:00")
    story.delivers(made, "team_leader", line_no=2, standard_hours="6")
    says(outage(story, sales.ServiceUnavailable).at("2026-03-04 09:00"))
    assert story.judged("2026-03-05 08:00").duty(made).status is DutyStatus.OVERRAN

    paper_of(story)

    assert story.judged().duty(made).status is DutyStatus.CANCELLED
    _, said, all_said = with_and_without(story.entries())
    assert said == all_said


def an_exception_on_paper() -> Story:
    """A breakdown is raised on paper while an operation is not late, recorded after it is, and accepted; of no single order."""
    story = a_story().at("2026-03-03 11:00").delivers(OPERATION, "team_leader", standard_hours="4")
    outage(story, pmc.ServiceUnavailable)
    said: dict[str, Any] = {"exception_no": "EXC-1", "affected_orders": ["SO-1"], "affected_duties": [OPERATION]}
    story.at("2026-03-04 12:00").states(pmc.OperationFinished, order_no="SO-1", closes=[OPERATION])
    story.at("2026-03-04 14:00").states(
        pmc.ExceptionDecided, extension_hours="8", accepted=True, decided_by=STAFF["planner"], **said
    )
    return story.at("2026-03-04 15:00").states(pmc.ExceptionRaised, by=STAFF["team_leader"], **said)


def test_an_exception_on_paper_excuses_and_stands_to_the_credit_of_whoever_raised_it():
    story = an_exception_on_paper()
    before = story.judged(until="2026-03-05 08:00")

    told = paper_of(story).judged()

    assert (before.records, told.records) == ({"TML-01": STAFF["team_leader"]}, {})
    assert [v for v in before.verdicts if isinstance(v, EarlyWarning)] == []
    (credit,) = [v for v in told.verdicts if isinstance(v, EarlyWarning)]
    assert (credit.number, credit.person, credit.at) == ("EXC-1", STAFF["team_leader"], local(WRITTEN))
    assert [v for v in told.verdicts if isinstance(v, WarningAnswered)][-1] == WarningAnswered("EXC-1", accepted=True)


def test_a_delay_report_on_paper_lets_planning_re_date_the_material():
    """Wanted by the end of Tuesday and reported on paper that afternoon; recorded when it was late already (PUR-01)."""
    story = a_story().at("2026-03-02 09:00")
    story.delivers(ARRIVAL, "buyer", service="purchasing", required_on="2026-03-03", lead_time_days=0)
    outage(story, purchasing.ServiceUnavailable)
    said: dict[str, Any] = {"delay_no": "DLY-1", "requirement_no": "MRL-1", "requirement_line_no": 1}
    story.at("2026-03-04 15:30").states(pmc.PurchaseRedated, order_no="SO-1", required_on="2026-03-06", **said)
    story.at("2026-03-05 16:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[ARRIVAL])
    story.at("2026-03-04 14:59").states(purchasing.DelayReported, by=STAFF["buyer"], order_no="SO-1", **said)

    before, told = story.judged(), paper_of(story, "2026-03-06 09:00").judged()

    assert (before.records, told.records) == ({"PUR-01": STAFF["buyer"]}, {})
    assert [v.person for v in told.verdicts if isinstance(v, EarlyWarning)] == [STAFF["buyer"]]


def test_a_purchase_order_on_paper_names_its_buyer_from_when_it_was_written():
    """Of two buyers one had ordered before the goods were due, while Purchasing was down."""
    story, goods = a_story(), links.arrival("MRL-1", 1)
    story.appoints("E-050", "buyer")
    terms: dict[str, Any] = {"required_on": "2026-03-03", "lead_time_days": 1}
    story.at("2026-03-02 09:00").delivers(goods, "buyer", service="purchasing", **terms)
    began, ended = local("2026-03-03 13:00"), local("2026-03-04 16:00")
    story.at(ended).states(purchasing.ServiceUnavailable, started_at=began, ended_at=ended)
    line = fields_of(purchasing.PurchaseLine, {"requirement_no": "MRL-1", "requirement_line_no": 1})
    said: dict[str, Any] = {"order_no": "SO-1", "requirement_no": "MRL-1", "lines": [line]}
    story.at("2026-03-05 10:00").states(purchasing.PurchaseOrderIssued, by=STAFF["buyer"], **said)
    paper: dict[str, Any] = {
        "source": "purchasing",
        "position": len(story.told),
        "written_at": local("2026-03-03 15:00"),
        "duties": [],
    }
    story.at("2026-03-05 11:00").states(PaperCountersigned, order_no="SO-1", **paper)
    story.at("2026-03-12 09:00").states(warehouse.GoodsArrived, order_no="SO-1", closes=[goods], lines=[])

    told = story.judged()

    assert (told.records, told.suspicions) == ({"PUR-01": STAFF["buyer"]}, {})


def test_a_look_after_the_shipment_on_paper_counts_against_nobody_watching_it():
    """In store on Thursday the 5th and due to leave on the 6th, while Sales is down (MER-03)."""
    story, began, ended = a_story(), local("2026-03-06 13:00"), local("2026-03-06 16:00")
    an_order(story, delivery_date="2026-03-06", takes={"ship": 40})
    story.at(ended).states(sales.ServiceUnavailable, started_at=began, ended_at=ended)
    story.at("2026-03-16 09:00").states(
        sales.ComplaintReceived, order_no="SO-1", kind="lateness", received_at=story.now, channel="mail"
    )
    story.at("2026-03-09 10:00").states(sales.ShipmentChecked, by=STAFF["merchandiser"], order_no="SO-1")

    before, told = story.judged(), paper_of(story, "2026-03-17 09:00", "2026-03-06 15:00").judged()

    assert ("MER-03" in before.records, "MER-03" in told.records) == (True, False)


async def test_another_departments_manager_countersigns_and_nobody_else():
    async with house() as it:
        story = shipped_on_paper("2026-03-04 11:00", it.story())
        await it.hears(story)
        boss = STAFF["general_manager"]
        await it.department.do(boss, "set_calendar", **shipped_calendar())
        await it.department.employ(sales_manager="E-071", warehouse_manager="E-072", salesperson="E-073")
        paper = {"position": it.told, "written_at": local(WRITTEN).isoformat(), "paper_reference": "送货单 77"}

        codes = [
            await it.department.refused(by, "countersign_paper", **(paper | changed))
            for by, changed in (
                ("E-072", {}),
                ("E-071", {"position": it.told - 1}),
                ("E-071", {"position": it.told + 1}),
                ("E-071", {"written_at": local("2026-03-03 12:00").isoformat()}),
            )
        ]
        stranger = await it.department.attempt("E-073", "countersign_paper", **paper)
        document = await it.department.do("E-071", "countersign_paper", **paper)
        again = await it.department.refused(boss, "countersign_paper", **paper)

        assert codes == ["own_department", "nothing_to_countersign", "nothing_to_countersign", "not_backfilled"]
        assert (stranger.status_code, again) == (403, "countersigned_already")
        (fact,) = await it.department.facts(PaperCountersigned.name)
        assert isinstance(fact, PaperCountersigned)
        assert (fact.position, fact.source, fact.duties) == (it.told, "warehouse", (SHIPPED,))
        assert (fact.countersigned_by, fact.countersignature_no) == ("E-071", document["no"])

        outage(story, sales.ServiceUnavailable).at("2026-03-04 09:00")
        await it.hears(story.states(sales.ShipmentChecked, by=STAFF["merchandiser"], order_no="SO-1"))
        await it.department.do("E-072", "countersign_paper", **(paper | {"position": it.told}))
        last = (await it.department.facts(PaperCountersigned.name))[-1]
        assert isinstance(last, PaperCountersigned)
        assert (last.position, last.source, last.duties) == (it.told, "sales", ())


A_YEAR = """
INSERT INTO ledger SELECT n, 'warehouse', 1, n,
    CASE WHEN n % 3000 = 0 THEN 'warehouse.service_unavailable.v1' ELSE 'warehouse.something_said.v1' END,
    'SO-' || n, at, at, at, 'x', sha256(n::text::bytea), sha256((-n)::text::bytea)
FROM generate_series(1, 12000) AS n, LATERAL (SELECT '2025-03-03'::timestamptz + n * interval '43 min' AS at) AS moments
"""


async def test_whether_a_service_was_down_is_read_of_its_outages_since_then_however_long_the_ledger_is():
    async with department("accountability") as it:
        for month in range(12):
            await it.as_owner(f"SELECT open_ledger_month('2025-03-03'::timestamptz + {month} * interval '1 month')")
        await it.as_owner(A_YEAR)
        await it.as_owner("ANALYZE ledger")
        query = outages_since("warehouse", local("2026-02-03 15:00"))
        async with it.engine.connect() as connection:
            told = query.compile(connection, compile_kwargs={"literal_binds": True})
            explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {told}")
            (plan,) = explained.scalar_one()

    months = {each["Relation Name"]: each for each in parts_of(plan["Plan"]) if "Relation Name" in each}
    assert len(months) == 12
    assert {each["Index Name"].endswith("source_recorded_at_idx") for each in months.values()} == {True}
    assert sum(each["Actual Rows"] for each in months.values()) == 1
    for name, each in months.items():
        read = each["Shared Hit Blocks"] + each["Shared Read Blocks"]
        assert read <= (2 if name < "ledger_2026_02" else 4), (name, each)


def parts_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from parts_of(part)
