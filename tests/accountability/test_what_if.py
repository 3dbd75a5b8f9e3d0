"""The same facts under other rules, another calendar or other people: what would be different, and why?"""

import os
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts import accountability, links, warehouse
from contracts.accountability import Shift
from services.accountability.people.calendar import shipped_calendar
from services.accountability.what_if.apart import Apart
from services.accountability.what_if.comparing import Change, Difference, differences, in_question
from services.accountability.what_if.reckoning import called_for
from services.accountability.what_if.replaying import Due, Found, Replay, Side, found_in
from services.accountability.what_if.supposing import CalendarChange, Supposition, Tenure
from services.accountability.what_if.what_if import processes
from tests.accountability.clauses import (  # noqa: F401 - they register
    attributions,
    deadlines,
    findings,
    first_causes,
    prohibitions,
)
from tests.accountability.clauses.cases import CASES, Case
from tests.support.facts import RULES, STAFF, Story, a_story, local
from tests.support.orders import an_order

UNTIL = local("2026-06-30 17:00")


def a_late_receipt() -> Story:
    """Delivered on Tuesday at nine, due on Wednesday at nine, booked at eleven."""
    story = a_story().at("2026-03-03 09:00")
    story.delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")
    story.at("2026-03-04 11:00").states(warehouse.GoodsReceived, order_no="SO-1", closes=[links.receipt("LOT-1")])
    return story


def ended(story: Story, supposition: Supposition) -> Replay:
    replay = Replay(supposition)
    replay.take(story.entries())
    replay.end(UNTIL)
    return replay


def what_if(story: Story, supposition: Supposition, since: datetime | None = None) -> list[Difference]:
    before, after = ended(story, Supposition()), ended(story, supposition)
    less = {parts: ended(story, some) for parts, some in supposition.less()}
    asked = in_question(before.found, after.found)
    was, would_be, *some = (Side(each.found, each.dues(asked)) for each in (before, after, *less.values()))
    apart = Apart(dict(zip(less, some, strict=True)))
    return differences(was, would_be, apart, supposition=supposition, since=since)


def rules_with(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    rules = deepcopy(RULES)
    change(rules)
    return rules


def standard(code: str, text: str) -> dict[str, Any]:
    def change(rules: dict[str, Any]) -> None:
        (link,) = [each for each in rules["links"] if each["code"] == code]
        link["standard"] = text

    return rules_with(change)


def sanction(code: str, name: str) -> dict[str, Any]:
    def change(rules: dict[str, Any]) -> None:
        (clause,) = [each for each in rules["clauses"] if each["code"] == code]
        clause["sanction"] = name

    return rules_with(change)


def test_nothing_supposed_changes_nothing() -> None:
    assert what_if(a_late_receipt(), Supposition()) == []


def test_the_rules_that_were_in_force_change_nothing() -> None:
    assert what_if(a_late_receipt(), Supposition(rules=RULES)) == []


def test_more_time_takes_the_record_away_and_says_by_which_due_time() -> None:
    (difference,) = what_if(a_late_receipt(), Supposition(rules=standard("receipt", "12 h")))

    assert difference.change is Change.GONE
    assert difference.either.clause == "WHS-03"
    assert difference.after is None
    (reason,) = difference.reasons
    assert reason.en == "Receipt LOT-1 due 2026-03-04 09:00 → 2026-03-04 14:00; done 2026-03-04 11:00"


def test_less_time_brings_one_against_the_person_of_that_time() -> None:
    story = a_story().at("2026-03-03 09:00")
    story.delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")
    story.at("2026-03-03 15:00").states(warehouse.GoodsReceived, order_no="SO-1", closes=[links.receipt("LOT-1")])

    (difference,) = what_if(story, Supposition(rules=standard("receipt", "2 h")))

    assert difference.change is Change.ADDED
    assert difference.after is not None
    assert (difference.after.clause, difference.after.person) == ("WHS-03", STAFF["storekeeper"])


def test_a_heavier_sanction_changes_the_record() -> None:
    (difference,) = what_if(a_late_receipt(), Supposition(rules=sanction("WHS-03", "minor_demerit")))

    assert difference.change is Change.CHANGED
    assert [reason.en for reason in difference.reasons] == ["sanction: warning → minor demerit"]


def test_a_day_off_moves_the_due_time() -> None:
    (difference,) = what_if(a_late_receipt(), off("2026-03-04"))

    assert difference.change is Change.GONE
    assert "2026-03-05 09:00" in difference.reasons[0].en


def off(*days: str) -> Supposition:
    return Supposition(calendar=CalendarChange(days_off=tuple(map(date.fromisoformat, days))))


def test_a_day_off_leaves_each_calendar_its_own_shifts_and_other_days() -> None:
    """Delivered in March and in time by March's shifts; from June on a working day was longer, and the ninth was off."""
    story = a_story().at("2026-03-03 09:00")
    story.delivers(links.receipt("LOT-1"), "storekeeper", service="warehouse")
    story.at("2026-03-04 08:50").states(warehouse.GoodsReceived, order_no="SO-1", closes=[links.receipt("LOT-1")])
    shifts = [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "20:00"}]
    longer = shipped_calendar() | {"shifts": shifts, "public_holidays": ["2026-06-09"]}
    story.at("2026-06-01 08:00").states(accountability.CalendarSet, calendar_no="CAL-2", **longer)
    story.at("2026-06-08 17:00").delivers(links.receipt("LOT-2"), "storekeeper", service="warehouse")
    story.at("2026-06-11 09:00").states(warehouse.GoodsReceived, order_no="SO-1", closes=[links.receipt("LOT-2")])

    assert what_if(story, off("2026-06-22")) == []
    (difference,) = what_if(story, off("2026-06-10"))
    assert [reason.en for reason in difference.reasons] == [
        "Receipt LOT-2 due 2026-06-10 14:00 → 2026-06-11 14:00; done 2026-06-11 09:00"
    ]


def test_other_shifts_stand_for_those_of_every_calendar_and_leave_its_days() -> None:
    shorter = CalendarChange(shifts=(Shift(start="08:00", end="12:00"),), weekend=(7,))

    told = [shorter.made_to(shipped_calendar() | {"public_holidays": [day]}) for day in ("2026-03-04", "2026-06-09")]

    assert [each["public_holidays"] for each in told] == [["2026-03-04"], ["2026-06-09"]]
    assert all(each["shifts"] == [{"start": "08:00", "end": "12:00"}] for each in told)
    assert all(each["weekend"] == [7] for each in told)


def roster(*storekeepers: str) -> tuple[Tenure, ...]:
    """Everybody as they were, but these in the warehouse."""
    since = local("2026-01-05 08:00")
    others = [Tenure(employee, post, since) for post, employee in STAFF.items() if post != "storekeeper"]
    return (*others, *(Tenure(employee, "storekeeper", since) for employee in storekeepers))


def test_another_roster_names_another_person() -> None:
    told = what_if(a_late_receipt(), Supposition(tenures=roster("E-061")))

    (difference,) = told
    assert (difference.change, difference.reasons[0].en) == (Change.CHANGED, f"person: {STAFF['storekeeper']} → E-061")


def test_whoever_is_supposed_in_one_post_leaves_the_others_as_they_were() -> None:
    story = a_late_receipt()
    an_order(story, "SO-2", delivery_date="2026-03-06", takes={"release": 12})
    successor = Tenure("E-061", "storekeeper", local("2026-01-05 08:00"))

    told = what_if(story, Supposition(tenures=(successor,)))

    assert [(each.change, each.either.clause, each.either.person) for each in told] == [
        (Change.CHANGED, "WHS-03", "E-061")
    ]


def test_where_the_first_cause_is_another_one_it_is_said_which_fell_away() -> None:
    story = a_story()
    an_order(story, delivery_date="2026-03-06", takes={"release": 12, "instruction": 7, "ship": 8})

    told = what_if(story, Supposition(rules=standard("release", "12 h")))

    said = {(each.change, each.either.clause): [reason.en for reason in each.reasons] for each in told}
    (gone,) = (clause for change, clause in said if change is Change.GONE)
    (added,) = (clause for change, clause in said if change is Change.ADDED)
    assert any(f"in the same order {gone} (" in reason for reason in said[Change.ADDED, added])
    assert any(f"in the same order {added} (" in reason for reason in said[Change.GONE, gone])


def test_where_two_would_have_held_the_post_nobody_is_named() -> None:
    told = what_if(a_late_receipt(), Supposition(tenures=roster("E-061", "E-062")))

    (difference,) = told
    assert difference.change is Change.CHANGED
    assert difference.before is not None
    assert difference.after is not None
    assert (difference.before.person, difference.after.person) == (STAFF["storekeeper"], None)


def test_only_breaches_since_a_day_are_told() -> None:
    supposition = Supposition(rules=standard("receipt", "12 h"))

    assert what_if(a_late_receipt(), supposition, since=local("2026-03-05 00:00")) == []
    assert len(what_if(a_late_receipt(), supposition, since=local("2026-03-04 00:00"))) == 1


def found(*breaches: tuple[str, str], **otherwise: Any) -> Found:
    """A record of these breaches, each with the day on which it happened."""
    usual: dict[str, Any] = {
        "key": "K",
        "clause": "MER-05",
        "order_no": "SO-1",
        "person": "E-003",
        "post": "merchandiser",
        "sanction": "warning",
        "amount": None,
        "breaches": tuple(about for about, _ in breaches),
        "moments": tuple(local(f"{day} 09:00") for _, day in breaches),
    }
    return Found(**usual | otherwise)


IN_OCTOBER, IN_NOVEMBER = ("complaint_to_pmc:CMP-1", "2026-10-30"), ("complaint_to_pmc:CMP-2", "2026-11-05")
RULES_AND_CALENDAR = Supposition(rules=RULES, calendar=CalendarChange())


def side(*standing: Found, dues: dict[str, Due] | None = None) -> Side:
    return Side({each.key: each for each in standing}, dues or {})


def of_month(month: int, was: Side, would_be: Side) -> list[Difference]:
    since, before = local(f"2026-{month:02d}-01 00:00"), local(f"2026-{month + 1:02d}-01 00:00")
    return differences(was, would_be, since=since, before=before)


def test_a_breach_that_falls_away_is_told_to_who_asks_about_its_month() -> None:
    was, would_be = side(found(IN_OCTOBER, IN_NOVEMBER)), side(found(IN_OCTOBER))

    (falls_away,) = of_month(11, was, would_be)
    (comes,) = of_month(11, would_be, was)

    assert (falls_away.change, falls_away.at) == (Change.CHANGED, local("2026-11-05 09:00"))
    assert (comes.change, comes.at) == (Change.CHANGED, local("2026-11-05 09:00"))
    assert of_month(9, was, would_be) == []


def test_a_breach_in_the_midst_of_a_record_is_told_to_who_asks_about_its_month() -> None:
    in_december = ("complaint_to_pmc:CMP-3", "2026-12-01")
    was, would_be = side(found(IN_OCTOBER, IN_NOVEMBER, in_december)), side(found(IN_OCTOBER, in_december))

    (told,) = of_month(11, was, would_be)

    assert told.at == local("2026-11-05 09:00")
    assert of_month(10, was, would_be) == []


def test_a_record_that_falls_away_or_names_somebody_else_is_of_the_month_of_each_of_its_breaches() -> None:
    was = side(found(IN_OCTOBER, IN_NOVEMBER))

    for would_be in (side(), side(found(IN_OCTOBER, IN_NOVEMBER, person="E-004"))):
        (october,), (november,) = (of_month(month, was, would_be) for month in (10, 11))
        assert (october.at, november.at) == (local("2026-10-30 09:00"), local("2026-11-05 09:00"))


def test_where_one_breach_takes_the_place_of_another_both_are_named_with_what_was_supposed() -> None:
    was = side(found(("attributions:ATT-1", "2026-03-02"), ("attributions:ATT-2", "2026-03-03")))
    would_be = side(found(("attributions:ATT-1", "2026-03-02"), ("attributions:ATT-3", "2026-03-03")))

    (told,) = differences(was, would_be, supposition=RULES_AND_CALENDAR)

    assert told.change is Change.CHANGED
    assert [reason.en for reason in told.reasons] == [
        "Attribution ATT-2: with the supposed rules and calendar no breach of MER-05 any more",
        "Attribution ATT-3: with the supposed rules and calendar a breach of MER-05",
    ]
    assert [reason.zh for reason in told.reasons] == [
        "责任判定 ATT-2:按假设的条款和日历,不再违反 MER-05",
        "责任判定 ATT-3:按假设的条款和日历,违反 MER-05",
    ]


def test_what_only_stands_in_another_order_is_no_difference() -> None:
    assert differences(side(found(IN_OCTOBER, IN_NOVEMBER)), side(found(IN_NOVEMBER, IN_OCTOBER))) == []


def test_every_difference_of_a_record_has_a_reason() -> None:
    """Whatever of it differs."""
    was = found(IN_OCTOBER)
    others: tuple[dict[str, Any], ...] = (
        {"person": "E-004"},
        {"person": None, "post": None, "sanction": None},
        {"post": "planner"},
        {"sanction": None},
        {"amount": Decimal(0)},
    )
    for would_be in (
        found(IN_NOVEMBER),
        found(IN_OCTOBER, IN_NOVEMBER),
        *(found(IN_OCTOBER, **o) for o in others),
    ):
        (told,) = differences(side(was), side(would_be))
        assert told.reasons
        assert all("— → —" not in reason.en for reason in told.reasons)


@pytest.mark.parametrize(
    ("supposition", "said"),
    [
        (Supposition(rules=RULES), "with the supposed rules"),
        (Supposition(calendar=CalendarChange()), "with the supposed calendar"),
        (Supposition(tenures=()), "with the supposed roster"),
        (RULES_AND_CALENDAR, "with the supposed rules and calendar"),
        (
            Supposition(rules=RULES, calendar=CalendarChange(), tenures=()),
            "with the supposed rules, calendar and roster",
        ),
    ],
)
def test_whatever_no_due_time_explains_says_what_was_supposed(supposition: Supposition, said: str) -> None:
    (gone,) = differences(side(found(IN_OCTOBER)), side(), supposition=supposition)
    (added,) = differences(side(), side(found(IN_OCTOBER)), supposition=supposition)

    about = "Complaint to PMC CMP-1"
    assert [reason.en for reason in gone.reasons] == [f"{about}: {said} no breach of MER-05 any more"]
    assert [reason.en for reason in added.reasons] == [f"{about}: {said} a breach of MER-05"]


def test_a_breach_that_its_due_time_explains_needs_no_other_word() -> None:
    about, other = IN_OCTOBER[0], IN_NOVEMBER[0]
    early, late = local("2026-10-30 09:00"), local("2026-11-30 09:00")
    dues = {about: Due(early, late)}, {about: Due(late, late)}

    (gone,) = differences(
        side(found(IN_OCTOBER, IN_NOVEMBER), dues=dues[0]), side(dues=dues[1]), supposition=RULES_AND_CALENDAR
    )

    first, second = (reason.en for reason in gone.reasons)
    assert first == "Complaint to PMC CMP-1 due 2026-10-30 09:00 → 2026-11-30 09:00; done 2026-11-30 09:00"
    assert second == "Complaint to PMC CMP-2: with the supposed rules and calendar no breach of MER-05 any more"
    assert other in gone.either.breaches


def test_a_clause_that_the_supposed_rules_do_not_have_is_said_to_be_missing() -> None:
    def without_the_clause(rules: dict[str, Any]) -> None:
        rules["clauses"] = [each for each in rules["clauses"] if each["code"] != "WHS-03"]
        for link in rules["links"]:
            link["clause"] = None if link.get("clause") == "WHS-03" else link.get("clause")

    (gone,) = what_if(a_late_receipt(), Supposition(rules=rules_with(without_the_clause), calendar=CalendarChange()))

    assert [reason.en for reason in gone.reasons] == [
        "made by the supposed rules alone",
        "the supposed rules have no clause WHS-03",
    ]


@pytest.mark.parametrize("part", ["rules", "calendar", "tenures"])
def test_the_facts_themselves_are_left_as_they_are(part: str) -> None:
    story = a_late_receipt()
    entries = story.entries()
    before = deepcopy(entries)
    supposed = {"rules": standard("receipt", "1 h"), "calendar": CalendarChange(), "tenures": ()}

    replay = Replay(Supposition(**{part: supposed[part]}))  # type: ignore[arg-type]
    replay.take(entries)

    assert entries == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause}: {case.kind}: {case.name}")
def test_the_memory_at_the_end_says_what_the_replay_has_found(case: Case) -> None:
    """Of every story of every clause; so what was need not be replayed."""
    story = a_story()
    case.tell(story)
    replay = ended(story, Supposition())

    remembered: dict[str, Found] = {}
    for each in replay.state.cases.values():
        concluded = {one.key: one for one in called_for(replay.state, each)}
        assert {key: known.signature for key, known in each.standing.items()} == {
            key: one.signature for key, one in concluded.items()
        }
        remembered |= {key: found_in(each, one) for key, one in concluded.items()}

    assert remembered == replay.found


@pytest.mark.parametrize(("bound", "most"), [("max", 8), ("2147483648\n", 4), ("268435456", 2)])
def test_processes_are_as_many_as_the_memory_holds(
    bound: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64))
    (tmp_path / "memory.max").write_text(bound)

    assert processes(tmp_path / "memory.max") == most
    assert processes(tmp_path / "none") == 8
