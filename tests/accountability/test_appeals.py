"""Who was given a record may ask another authority: it is upheld, reduced or revoked, and everything stays to be seen."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contracts.accountability import (
    AppealDecided,
    AppealMade,
    RecordInEffect,
    RecordNotified,
    RecordWithdrawn,
    Sanction,
)
from services.accountability.judge.verdicts import Person, RecordProposal, Withdrawal
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, Court, court, heavy, proposed
from tests.accountability.owing import worth
from tests.accountability.test_decisions import DISMISSAL
from tests.accountability.test_record_pages import words
from tests.support.facts import local

APPEAL = {"appeal": "到货那天仓库停电。", "references": ["EXC-20260830-0001"]}
UPHELD = {"outcome": "uphold", "reason": "停电只有十分钟"}
LAST = "2026-09-10 09:03"
"""Five working days and the tolerance after the issue at 09:02."""


async def appealed(it: Court, issuer: str | None = None) -> None:
    """The record is issued and its person appeals."""
    await it.at(AFTER)
    if issuer:
        await it.do(issuer, "issue_record")
    await it.do(PERSON, "make_appeal", **APPEAL)


async def test_an_appeal_is_a_fact_and_stops_the_record_until_it_is_decided() -> None:
    async with court() as it:
        await it.at(AFTER)
        await it.at(LAST)  # to the minute in time
        await it.do(PERSON, "make_appeal", **APPEAL)
        await it.at("2026-12-01 09:00")
        assert ((await it.record())["status"], (await it.record())["next_step"]) == ("issued", "await_appeal")

        await it.do(BOSS, "decide_appeal", **UPHELD)
        await it.at("2026-12-01 09:01")

        made, decided, effect = await it.facts(AppealMade, AppealDecided, RecordInEffect)
        assert isinstance(made, AppealMade)
        assert isinstance(decided, AppealDecided)
        assert isinstance(effect, RecordInEffect)
        assert (made.appeal, made.references) == (APPEAL["appeal"], ("EXC-20260830-0001",))
        assert (decided.outcome, decided.sanction_before, decided.sanction_after) == ("uphold", "warning", "warning")
        assert effect.lapses_at == local("2027-12-01 09:01")


async def test_a_late_appeal_is_refused_with_its_deadline() -> None:
    async with court() as it:
        await it.at(AFTER)
        await it.at("2026-09-10 09:04")
        answer = await it.office.attempt(PERSON, "make_appeal", it.no, **APPEAL)

        assert answer.json()["code"] == "appeal_late"
        assert "2026-09-10 09:03" in answer.json()["detail"]


async def test_only_the_person_appeals_and_only_once_and_only_against_what_is_issued() -> None:
    async with court() as it:
        assert await it.refused(PERSON, "make_appeal", **APPEAL) == "not_issued"
        await it.at(AFTER)
        assert await it.refused(OTHER, "make_appeal", **APPEAL) == "not_theirs"
        assert await it.refused(BOSS, "decide_appeal", **UPHELD) == "no_appeal"
        await it.do(PERSON, "make_appeal", **APPEAL)

        assert await it.refused(PERSON, "make_appeal", **APPEAL) == "appealed_already"


@pytest.mark.parametrize(("issuer", "authority"), [(None, BOSS), (HR, BOSS), (BOSS, HR)])
async def test_another_authority_decides_than_the_one_that_issued(issuer: str | None, authority: str) -> None:
    async with court(heavy() if issuer else proposed()) as it:
        await appealed(it, issuer)
        (other,) = {BOSS, HR} - {authority}
        assert await it.refused(other, "decide_appeal", **UPHELD) == "not_independent"

        decided = await it.do(authority, "decide_appeal", **UPHELD)

        assert (decided["appeal_decided_by"], decided["appeal_reason"]) == (authority, UPHELD["reason"])


async def test_who_found_the_breach_does_not_decide_the_appeal() -> None:
    proposal = proposed()
    (breach,) = proposal.breaches
    async with court(proposed(breaches=(replace(breach, facts={**breach.facts, "found_by": BOSS}),))) as it:
        await appealed(it)
        assert await it.refused(BOSS, "decide_appeal", **UPHELD) == "not_independent"

        await it.do(HR, "decide_appeal", **UPHELD)


async def test_nobody_decides_on_their_own_appeal() -> None:
    async with court(proposed(person=Person(BOSS, "storekeeper", False, None))) as it:
        await it.at(AFTER)
        await it.do(BOSS, "make_appeal", **APPEAL)
        assert await it.refused(BOSS, "decide_appeal", **UPHELD) == "own_case"

        await it.do(HR, "decide_appeal", **UPHELD)


async def test_where_nobody_is_free_of_the_case_an_acting_holder_is_appointed() -> None:
    async with court(proposed(person=Person(BOSS, "storekeeper", False, None), sanction=Sanction.MAJOR_DEMERIT)) as it:
        await it.at(AFTER)
        await it.do(HR, "issue_record")
        await it.do(BOSS, "make_appeal", **APPEAL)
        assert await it.refused(HR, "decide_appeal", **UPHELD) == "nobody_independent"
        await it.office.do(HR, "assign_post", employee=OTHER, post="general_manager", acting=True)

        await it.do(OTHER, "decide_appeal", **UPHELD)


async def test_a_reduced_record_takes_effect_with_both_sanctions_on_it() -> None:
    async with court(heavy()) as it:
        await appealed(it, HR)
        reduced = {"outcome": "reduce", "reduced_to": "warning", "reason": "初犯"}

        await it.do(BOSS, "decide_appeal", **reduced)
        await it.at("2026-09-03 09:04")

        record = await it.record()
        assert (record["status"], record["sanction"], record["reduced_to"]) == ("in_effect", "major_demerit", "warning")
        (fact,) = await it.facts(AppealDecided)
        assert isinstance(fact, AppealDecided)
        assert (fact.sanction_before, fact.sanction_after, fact.reason) == ("major_demerit", "warning", "初犯")


@pytest.mark.parametrize("to", ["major_demerit", "dismissal", None])
async def test_to_reduce_is_to_choose_a_lighter_sanction(to: str | None) -> None:
    async with court(heavy()) as it:
        await appealed(it, HR)
        form: dict[str, Any] = {"outcome": "reduce", "reason": "初犯", **({"reduced_to": to} if to else {})}

        assert await it.refused(BOSS, "decide_appeal", **form) == "not_lighter"


async def test_a_revoked_record_is_withdrawn_with_the_appeals_reason() -> None:
    async with court() as it:
        await appealed(it)

        await it.do(BOSS, "decide_appeal", outcome="revoke", reason="停电属实")

        record = await it.record()
        assert (record["status"], record["withdrawn_because"], record["withdrawn_by"]) == (
            "withdrawn",
            "停电属实",
            BOSS,
        )
        assert (record["appeal"], record["appeal_outcome"]) == (APPEAL["appeal"], "revoke")
        assert [type(fact) for fact in await it.facts(AppealDecided, RecordWithdrawn)] == [
            AppealDecided,
            RecordWithdrawn,
        ]


async def test_an_appeal_without_a_reason_for_its_decision_is_refused() -> None:
    async with court() as it:
        await appealed(it)

        assert await it.refused(BOSS, "decide_appeal", outcome="uphold", reason=" ") == "invalid_input"


async def test_of_two_decisions_at_once_one_counts() -> None:
    async with court() as it:
        await appealed(it)
        await it.office.do(HR, "assign_post", employee=OTHER, post="general_manager", acting=True)
        deciding = [
            it.office.attempt(BOSS, "decide_appeal", it.no, **UPHELD),
            it.office.attempt(OTHER, "decide_appeal", it.no, outcome="revoke", reason="停电属实"),
        ]

        answers = await it.office.meet("penalty_records", *deciding)

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert len(await it.facts(AppealDecided)) == 1


def gone(proposal: RecordProposal) -> Withdrawal:
    """Later evidence takes the ground of a record away."""
    said: dict[str, Any] = {"person": PERSON, "order_no": "SO-1", "ground_zh": "…", "ground_en": "…", "evidence": ()}
    because: dict[str, Any] = {"because_zh": "异常已接受", "because_en": "an exception was accepted"}
    return Withdrawal(key=proposal.key, revision=1, clause=proposal.clause, **said, **because)


REDUCED = {"outcome": "reduce", "reduced_to": "warning", "reason": "初犯"}
ANEW: dict[str, Any] = {"revision": 2, "because_zh": "时限已更正", "because_en": "a due time changed"}


async def reduced(it: Court) -> str:
    """A major demerit of which the general manager left a warning; its number."""
    await appealed(it, HR)
    await it.do(BOSS, "decide_appeal", **REDUCED)
    return it.no


@pytest.mark.parametrize("replaces", [1, None])
async def test_what_an_appeal_left_is_the_most_that_may_be_issued_when_evidence_changes_a_figure(
    replaces: int | None,
) -> None:
    """Whether it takes the place of the first or comes back after that was withdrawn."""
    async with court(heavy()) as it:
        first = await reduced(it)
        if replaces is None:
            await it.hear([gone(heavy())])
        await it.hear([replace(heavy(), **ANEW, replaces=replaces)])

        record = await it.record()
        assert (record["sanction"], record["reduced_to"], record["weighs"]) == ("major_demerit", "warning", "warning")
        notified = [fact for fact in await it.facts(RecordNotified) if isinstance(fact, RecordNotified)]
        assert [fact.reduced_to for fact in notified] == [None, "warning"]
        said = f"{first} was reduced to warning by an authority; without a new breach no more than that is issued here."
        for path in ("", "/print"):
            assert said in await words(it, PERSON, "en", path)
        await it.at("2026-09-20 09:00")
        issued = await it.do(HR, "issue_record", reason="属实")
        assert (issued["status"], issued["weighs"]) == ("issued", "warning")


async def test_with_a_new_breach_the_clauses_own_counts_again() -> None:
    (breach,) = heavy().breaches
    async with court(heavy()) as it:
        await reduced(it)
        both = (breach, replace(breach, about="receipt:LOT-2"))
        await it.hear([replace(heavy(), **ANEW, replaces=1, breaches=both)])

        assert (await it.record())["weighs"] == "major_demerit"
        await it.hear([replace(heavy(), **ANEW | {"revision": 3}, replaces=2)])
        assert (await it.record())["weighs"] == "warning"


async def test_an_appeal_against_what_was_carried_over_leaves_it_where_it_upholds() -> None:
    async with court(proposed(sanction=None, compensation=worth())) as it:
        await appealed(it, HR)
        await it.do(BOSS, "decide_appeal", outcome="reduce", compensation_reduced_to="1500", reason="…")
        more = replace(proposed(sanction=None, compensation=worth("5000")), **ANEW, replaces=1)
        await it.hear([more])

        assert Decimal((await it.record())["compensation_reduced_to"]) == 1500
        assert "was reduced to CNY 1,500.00 by an authority" in await words(it, PERSON, "en")
        await it.at("2026-09-20 09:00")
        await it.do(HR, "issue_record", reason="属实")
        await it.do(PERSON, "make_appeal", **APPEAL)
        for_more = {"outcome": "reduce", "compensation_reduced_to": "1500", "reason": "…"}
        assert await it.refused(BOSS, "decide_appeal", **for_more) == "not_lower"
        await it.do(BOSS, "decide_appeal", **UPHELD)
        assert Decimal((await it.record())["compensation_reduced_to"]) == 1500


async def test_a_dismissal_that_an_appeal_softened_needs_none_of_its_papers_when_it_is_issued_anew() -> None:
    async with court(proposed(sanction=Sanction.DISMISSAL)) as it:
        await it.at(AFTER)
        await it.do(HR, "issue_record", **DISMISSAL)
        await it.do(PERSON, "make_appeal", **APPEAL)
        await it.do(BOSS, "decide_appeal", **REDUCED)
        await it.hear([proposed(sanction=Sanction.DISMISSAL, **ANEW, replaces=1)])
        await it.at("2026-09-20 09:00")

        assert (await it.do(HR, "issue_record", reason="属实"))["weighs"] == "warning"
