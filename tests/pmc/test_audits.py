"""A team's workplace is audited by somebody else; what was written down is corrected, never changed."""

from decimal import Decimal

import pytest

from contracts.pmc import FiveSAudited
from tests.pmc.conftest import DIRECTOR, LEADER, MANAGER, OTHER_LEADER, PLANNER, one
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
AUDIT = {"team": "装配组", "team_leader": LEADER, "score": "72.5", "remark": "通道堆料，工具未归位"}


async def test_an_audit_is_stated_with_its_score_and_its_team_leader(pmc: Department) -> None:
    document = await pmc.do(DIRECTOR, "audit_five_s", **AUDIT)

    (fact,) = await pmc.facts(FiveSAudited.name)
    assert isinstance(fact, FiveSAudited)
    assert (fact.audit_no, fact.team_leader, fact.score) == (document["no"], LEADER, Decimal("72.5"))
    assert (fact.assignee, fact.audited_by, fact.order_no, fact.corrects) == (LEADER, DIRECTOR, None, None)


async def test_a_correction_takes_the_place_of_the_earlier_audit_once(pmc: Department) -> None:
    earlier = await pmc.do(DIRECTOR, "audit_five_s", **AUDIT)

    await pmc.do(MANAGER, "audit_five_s", **{**AUDIT, "score": "85", "corrects": earlier["no"]})

    assert (await one(pmc, "five-s-audits", earlier["no"]))["status"] == "corrected"
    again = {**AUDIT, "score": "90", "corrects": earlier["no"]}
    assert await pmc.refused(MANAGER, "audit_five_s", **again) == "wrong_status"


async def test_one_team_s_audit_does_not_correct_another_s(pmc: Department) -> None:
    earlier = await pmc.do(DIRECTOR, "audit_five_s", **AUDIT)

    other = {**AUDIT, "team_leader": OTHER_LEADER, "corrects": earlier["no"]}
    assert await pmc.refused(DIRECTOR, "audit_five_s", **other) == "another_teams_audit"
    assert await pmc.refused(DIRECTOR, "audit_five_s", **{**AUDIT, "corrects": "FSA-9"}) == "not_found"
    assert len(await pmc.facts(FiveSAudited.name)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"team_leader": ""}, "no_responsible_person"),
        ({"team_leader": PLANNER}, "not_a_team_leader"),
        ({"score": "100.5"}, "invalid_input"),
        ({"remark": ""}, "invalid_input"),
    ],
)
async def test_an_audit_needs_a_team_leader_a_score_and_a_word(
    pmc: Department, changes: dict[str, str], code: str
) -> None:
    assert await pmc.refused(DIRECTOR, "audit_five_s", **{**AUDIT, **changes}) == code


async def test_nobody_audits_their_own_team_or_without_the_post(pmc: Department) -> None:
    await pmc.employ(team_leader=DIRECTOR)

    assert await pmc.refused(DIRECTOR, "audit_five_s", **{**AUDIT, "team_leader": DIRECTOR}) == "audits_own_team"
    assert await pmc.refused(LEADER, "audit_five_s", **AUDIT) == "post_not_held"
