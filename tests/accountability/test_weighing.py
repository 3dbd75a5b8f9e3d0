"""Where a record stands, and what a decision made of it, is held against the facts about it."""

from typing import Any

import orjson
import pytest

from contracts.accountability import (
    AppealDecided,
    AppealOutcome,
    RecordInEffect,
    RecordIssued,
    RecordNotified,
    RecordWithdrawn,
    Sanction,
)
from contracts.event import Event
from services.accountability.proof.packing import Body
from services.accountability.proof.seals import Doubt
from services.accountability.proof.weighing import compare

PERSON = "E-060"
ISSUED = RecordIssued(
    record_no="PEN-3",
    person=PERSON,
    issued_by="E-070",
    escalated_to=Sanction.MINOR_DEMERIT,
    counted_with=("PEN-1", "PEN-2"),
)
FALLEN = RecordWithdrawn(record_no="PEN-2", person=PERSON, reason="停电属实", evidence=(), falls_back="PEN-3")
LIGHTER = AppealDecided(
    record_no="PEN-3",
    person=PERSON,
    outcome=AppealOutcome.REDUCE,
    sanction_before=Sanction.WARNING,
    sanction_after=Sanction.EDUCATION,
    reason="初犯",
    decided_by="E-071",
)
UPHELD = LIGHTER.model_copy(update={"outcome": AppealOutcome.UPHOLD, "sanction_after": Sanction.WARNING})
ROW: dict[str, Any] = {
    "no": "PEN-3",
    "escalated_to": "minor_demerit",
    "counted_with": ["PEN-1", "PEN-2"],
    "reduced_to": "warning",
    "fell_back_with": "PEN-2",
}
HEAVIER = "Record PEN-3 was made a minor demerit with PEN-1, PEN-2, as its fact says."
FELL = "Record PEN-3 was reduced to warning because PEN-2 fell, as a fact says."


def bodies(*facts: Event) -> list[Body]:
    said = [{"type": fact.name, "data": fact.model_dump(mode="json")} for fact in facts]
    return [Body(position, orjson.dumps(each)) for position, each in enumerate(said, 1)]


def told(*facts: Event, **row: Any) -> list[str]:
    return list(compare([ROW | row], bodies(*facts)))


def test_what_the_facts_bear_out_is_told() -> None:
    assert told(ISSUED, FALLEN) == [HEAVIER, FELL]
    assert told(ISSUED, FALLEN, UPHELD) == [HEAVIER, FELL]
    assert told(ISSUED, FALLEN, LIGHTER, reduced_to="education")[1].startswith("Record PEN-3 was reduced to education")


def test_what_was_left_of_an_earlier_record_is_told_by_the_notice() -> None:
    row = {"escalated_to": "", "counted_with": [], "fell_back_with": ""}
    notice = RecordNotified(record_no="PEN-3", person=PERSON, reduced_to=Sanction.WARNING)

    assert told(notice, **row) == ["Record PEN-3 was reduced to warning, as a fact says."]
    with pytest.raises(Doubt, match="it was reduced to warning"):
        told(notice, **row, reduced_to="")


@pytest.mark.parametrize(
    "row",
    [
        {"escalated_to": ""},
        {"escalated_to": "major_demerit"},
        {"counted_with": ["PEN-1"]},
        {"reduced_to": ""},
        {"reduced_to": "minor_demerit"},
    ],
    ids=str,
)
def test_a_record_that_weighs_something_else_than_was_decided_is_found(row: dict[str, Any]) -> None:
    with pytest.raises(
        Doubt, match=f"PEN-3: the system says {'reduced_to' if 'reduced_to' in row else 'escalated_to'}"
    ):
        told(ISSUED, FALLEN, **row)


def test_a_warning_that_was_issued_as_one_cannot_be_made_heavier_in_the_export() -> None:
    plain = ISSUED.model_copy(update={"escalated_to": None, "counted_with": ()})

    assert told(plain, escalated_to="", counted_with=[], reduced_to="", fell_back_with=None) == []
    with pytest.raises(Doubt, match="issued as — with none"):
        told(plain, reduced_to="", fell_back_with=None)


def test_what_lies_beyond_the_evidence_is_told_as_not_shown() -> None:
    assert told(ISSUED)[1] == (
        "Record PEN-3 was reduced to warning because PEN-2 fell, after the evidence ends, or in another order; "
        "that is not shown here."
    )


def test_an_older_export_that_says_nothing_of_it_is_not_asked() -> None:
    assert list(compare([{"no": "PEN-3"}], bodies(ISSUED, FALLEN))) == []


IN_EFFECT = RecordInEffect(record_no="PEN-3", person=PERSON)
REVOKED = LIGHTER.model_copy(update={"outcome": AppealOutcome.REVOKE, "sanction_after": None})
DROPPED = FALLEN.model_copy(update={"record_no": "PEN-3", "falls_back": None, "reason": REVOKED.reason})
STANDS: dict[str, Any] = {"no": "PEN-3", "status": "in_effect", "withdrawn_because": ""}


def standing(*facts: Event, **row: Any) -> list[str]:
    return list(compare([STANDS | row], bodies(*facts)))


def test_a_record_stands_as_the_last_step_says() -> None:
    assert standing(ISSUED, IN_EFFECT) == []
    assert standing(ISSUED, REVOKED, DROPPED, status="withdrawn", withdrawn_because=REVOKED.reason) == []


@pytest.mark.parametrize("facts", [(ISSUED, REVOKED), (ISSUED, IN_EFFECT, DROPPED)], ids=["revoked", "withdrawn"])
def test_a_record_that_fell_is_not_in_effect(facts: tuple[Event, ...]) -> None:
    with pytest.raises(Doubt, match="the system says status in_effect, and the facts say withdrawn"):
        standing(*facts)


def test_a_record_falls_for_the_reason_that_was_stated() -> None:
    with pytest.raises(Doubt, match="for another reason"):
        standing(ISSUED, DROPPED, status="withdrawn", withdrawn_because="天气")


def test_a_step_that_no_fact_shows_is_told() -> None:
    told = RecordNotified(record_no="PEN-3", person=PERSON)

    assert standing(told) == [
        "Record PEN-3 is said to be in effect, and the facts say notified: it came after the evidence ends, and is not shown here."
    ]
    assert "the facts say nothing of that" in standing()[0]


@pytest.mark.parametrize("row", [{"withdrawn_because": "天气"}, {"status": "withdrawn"}], ids=str)
def test_what_fell_says_why_and_nothing_else_does(row: dict[str, Any]) -> None:
    with pytest.raises(Doubt, match="and why it was withdrawn"):
        standing(ISSUED, IN_EFFECT, **row)


def test_a_record_falls_for_the_reason_for_which_later_evidence_took_its_ground_away() -> None:
    row = STANDS | {"status": "withdrawn", "withdrawn_because": "停电属实"}

    assert len(list(compare([row], bodies(ISSUED), {"PEN-3": "停电属实"}))) == 1
    with pytest.raises(Doubt, match="for another reason"):
        list(compare([row], bodies(ISSUED), {"PEN-3": "天气"}))
    dropped = row | {"withdrawn_because": DROPPED.reason}
    assert list(compare([dropped], bodies(ISSUED, DROPPED), {"PEN-3": "天气"})) == []


@pytest.mark.parametrize("fell_back_with", ["PEN-1", "PEN-77", None])
def test_a_record_is_a_warning_again_because_of_the_one_that_fell(fell_back_with: str | None) -> None:
    with pytest.raises(Doubt, match="it fell back with PEN-2"):
        told(ISSUED, FALLEN, fell_back_with=fell_back_with)


def test_only_what_was_counted_makes_a_warning_of_it_again() -> None:
    for row in ({"fell_back_with": "PEN-77"}, {"reduced_to": ""}):
        with pytest.raises(Doubt, match="it was not made heavier with that one"):
            told(ISSUED, **row)


def test_a_reduction_that_a_fact_shows_does_not_bear_out_that_another_record_fell() -> None:
    assert "that is not shown here" in told(ISSUED, LIGHTER, reduced_to="education")[1]
