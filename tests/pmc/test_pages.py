"""Every list, document and form of PMC opens for the people whose posts they are meant for."""

import httpx
import pytest

from chassis import auth
from chassis.database import transaction
from contracts.event import DutyRef
from services.pmc.models import Attribution
from tests.pmc.conftest import (
    DIRECTOR,
    LEADER,
    PLANNER,
    complaint,
    notice,
    planned,
    purchase,
    shelf,
    supplied,
)
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


async def browser(pmc: Department, employee: str) -> httpx.AsyncClient:
    """A browser in which this person is signed in."""
    async with transaction(pmc.engine) as session:
        secret = await auth.open_session(session, employee)
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    client = httpx.AsyncClient(transport=httpx.ASGITransport(pmc.app), base_url="http://test", headers=headers)
    client.cookies.set("handover_pmc", secret)
    return client


async def busy(pmc: Department) -> None:
    """Something lies on almost every shelf."""
    await supplied(pmc)
    requirement, _ = await planned(pmc, "SOD-2")
    await pmc.do(PLANNER, "issue_requirement", requirement)
    await pmc.hear(purchase(requirement, 8, order_no="SOD-2"))
    await pmc.hear(notice())
    await pmc.hear(complaint())
    await pmc.do(LEADER, "raise_exception", kind="power_cut", description="停电", orders=["SOD-1"])
    named = {"cause": "production", "person": LEADER}
    await pmc.do(PLANNER, "attribute_complaint", matter="complaint", complaint_no="CCF-1", **named)


@pytest.mark.parametrize("employee", [PLANNER, DIRECTOR, LEADER])
async def test_every_list_document_and_form_opens(pmc: Department, employee: str) -> None:
    await busy(pmc)
    desk = pmc.service.desk
    person = {PLANNER: "planner", DIRECTOR: "workshop_director", LEADER: "team_leader"}[employee]
    paths = ["/", "/files/SOD-1", *(f"/{path}" for path in desk.shelves)]
    lying = {path: await shelf(pmc, path) for path in desk.shelves}
    paths += [f"/{path}/{each['no']}" for path, found in lying.items() for each in found]
    for command in desk.commands.values():
        if person in command.posts and command.creates:
            paths.append(f"/commands/{command.slug}")
        elif person in command.posts:
            found = lying[desk.shelf_of(command.kind).path]
            paths += [f"/commands/{command.slug}/{each['no']}" for each in found if each["status"] in command.when]

    client = await browser(pmc, employee)
    answers = {path: (await client.get(path)).status_code for path in paths}

    assert {path: status for path, status in answers.items() if status != 200} == {}
    assert len(paths) > 40


async def test_an_attributions_form_says_what_a_blank_means_and_its_page_names_the_operation(pmc: Department) -> None:
    await busy(pmc)
    client = await browser(pmc, PLANNER)
    (attribution,) = await shelf(pmc, "attributions")
    async with transaction(pmc.engine) as session:
        found = await session.get_one(Attribution, attribution["no"])
        found.operation = DutyRef(link="operation", key="MO-1/20")

    form = (await client.get("/commands/attribute-complaint")).text
    page = (await client.get(f"/attributions/{attribution['no']}")).text

    assert 'id="f-cause-hint">留空即按品质部查明的原因</p>' in form
    assert 'aria-describedby="f-cause-hint"' in form
    assert '工序 <span class="no">MO-1/20</span>' in page
