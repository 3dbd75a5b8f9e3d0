"""The buyer asks, somebody else agrees, and meanwhile the right clock runs."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError

from contracts import links
from contracts.purchasing import AuthorityRefused, HandoverDelivered, QuoteExempted, RequestApproved, RequestSubmitted
from tests.purchasing.conftest import (
    BOSS,
    BUYER,
    MANAGER,
    QUOTES,
    approved,
    cancellation,
    checked,
    listed,
    need,
    owes,
    request,
    shelf,
    submitted,
)
from tests.support.departments import Department
from tests.support.worklists import know_the_standards, rows

pytestmark = pytest.mark.asyncio
DEAR = {"supplier_code": "S-01", "amount": "50000.01", "lead_time_days": 4}
BUYERS_CLOCK = links.purchase_order("MRL-1")
ARRIVALS = {number: links.arrival("MRL-1", number) for number in (1, 2)}


async def test_a_request_rests_the_buyers_clock_and_runs_the_managers(purchasing: Department) -> None:
    no = await submitted(purchasing)

    fact, delivered = (await purchasing.facts(RequestSubmitted.name, HandoverDelivered.name))[-2:]
    assert isinstance(fact, RequestSubmitted)
    assert isinstance(delivered, HandoverDelivered)
    assert (fact.request_no, fact.pauses, fact.assignee) == (no, (BUYERS_CLOCK, ARRIVALS[1]), BUYER)
    assert (delivered.duty, delivered.post) == (links.request_approval(no), "purchasing_manager")
    assert delivered.inputs == fact.pauses


async def test_the_approval_runs_the_buyers_clock_on(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES)

    document = await purchasing.do(MANAGER, "approve_request", no)

    assert (document["status"], document["approved_by"]) == ("approved", MANAGER)
    (fact,) = await purchasing.facts(RequestApproved.name)
    assert (fact.closes, fact.resumes) == ((links.request_approval(no),), (BUYERS_CLOCK, ARRIVALS[1]))
    assert f"request_approval:{no}" not in await owes(purchasing)


async def test_with_two_requests_waiting_the_lists_clock_rests_until_the_last_is_decided(
    purchasing: Department,
) -> None:
    await know_the_standards(purchasing)
    first = await submitted(purchasing, need(1), need(2, "CU-60", 12), quotes=QUOTES)
    other = request(lines=[{"requirement_line_no": 2}], quotes=QUOTES)
    second = str((await purchasing.do(BUYER, "submit_request", **other))["no"])

    await purchasing.do(MANAGER, "approve_request", first)
    assert await waiting(purchasing) == {str(BUYERS_CLOCK): [second], str(ARRIVALS[2]): [second]}
    await purchasing.do(MANAGER, "refuse_request", second, reason="先用库存")
    assert await waiting(purchasing) == {}

    paused = [fact.pauses for fact in await purchasing.facts(RequestSubmitted.name)]
    (approval,) = await purchasing.facts(RequestApproved.name)
    (refusal,) = await purchasing.facts(AuthorityRefused.name)
    assert paused == [(BUYERS_CLOCK, ARRIVALS[1]), (BUYERS_CLOCK, ARRIVALS[2])]
    assert [approval.resumes, refusal.resumes] == paused


async def waiting(purchasing: Department) -> dict[str, list[str]]:
    """The handovers whose clock stands, each with the numbers of what it waits for."""
    found = await rows(purchasing, BUYER)
    return {
        name: [what.partition(":")[2] for what in row["waits_for"]] for name, row in found.items() if row["paused_at"]
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": [{"requirement_line_no": 7}]}, "no_such_line"),
        ({"lines": [{"requirement_line_no": 1}, {"requirement_line_no": 1}]}, "lines_twice"),
        ({"lines": [{"requirement_line_no": 1, "quantity": "5"}]}, "more_than_short"),
        ({"lines": []}, "invalid_input"),
        ({"requirement_no": "MRL-9"}, "not_found"),
        ({"supplier_code": "S-99"}, "supplier_not_approved"),
        ({"quotes": [{**QUOTES[0], "supplier_code": "S-99"}]}, "supplier_not_approved"),
        ({"quotes": [{**QUOTES[0], "amount": "0"}]}, "invalid_input"),
    ],
)
async def test_a_request_with_a_fault_is_refused_and_nothing_is_stated(
    purchasing: Department, change: dict[str, object], code: str
) -> None:
    await checked(purchasing)

    assert await purchasing.refused(BUYER, "submit_request", **request(**change)) == code
    assert await purchasing.facts(RequestSubmitted.name) == []


async def test_an_unchecked_list_is_not_bought_from(purchasing: Department) -> None:
    await listed(purchasing)

    assert await purchasing.refused(BUYER, "submit_request", **request()) == "requirement_unchecked"


async def test_what_is_short_is_requested_once_in_as_many_parts_as_one_likes(purchasing: Department) -> None:
    await submitted(purchasing, lines=[{"requirement_line_no": 1, "quantity": "3"}])
    more = request(lines=[{"requirement_line_no": 1, "quantity": "1.5"}])
    assert await purchasing.refused(BUYER, "submit_request", **more) == "more_than_short"

    rest = await purchasing.do(BUYER, "submit_request", **request())

    assert Decimal(rest["lines"][0]["quantity"]) == 1
    assert await purchasing.refused(BUYER, "submit_request", **request()) == "more_than_short"


async def test_two_buyers_at_once_never_request_more_than_is_short(purchasing: Department) -> None:
    await checked(purchasing)
    form = request(lines=[{"requirement_line_no": 1, "quantity": "3"}])

    answers = await asyncio.gather(*(purchasing.attempt(BUYER, "submit_request", **form) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len(await shelf(purchasing, "purchase-requests")) == 1


async def test_the_maker_never_approves_refuses_or_exempts_their_own(purchasing: Department) -> None:
    await purchasing.employ(purchasing_manager=BUYER)
    no = await submitted(purchasing, quotes=QUOTES)

    assert await purchasing.refused(BUYER, "approve_request", no) == "self_approval"
    assert await purchasing.refused(BUYER, "refuse_request", no, reason="x") == "self_approval"
    assert await purchasing.refused(BUYER, "exempt_quotes", no, reason="x") == "self_approval"


@pytest.mark.parametrize(
    "change",
    ["UPDATE purchase_requests SET approved_by = made_by", "UPDATE purchase_requests SET exempted_by = made_by"],
)
async def test_the_database_too_wants_another_person(purchasing: Department, change: str) -> None:
    await submitted(purchasing)

    with pytest.raises(IntegrityError, match="by_another"):
        async with purchasing.engine.begin() as connection:
            await connection.exec_driver_sql(change)


async def test_a_buyer_approves_nothing(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES)

    assert await purchasing.refused(BUYER, "approve_request", no) == "post_not_held"


async def test_nobody_agrees_to_an_unknown_price(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES[1:])

    assert await purchasing.refused(MANAGER, "approve_request", no) == "price_unknown"


async def test_a_large_purchase_is_the_general_managers(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=[DEAR])
    assert (await owes(purchasing))[f"request_approval:{no}"] == "general_manager"

    assert await purchasing.refused(MANAGER, "approve_request", no) == "general_manager_needed"
    assert (await purchasing.do(BOSS, "approve_request", no))["approved_by"] == BOSS


async def test_exactly_at_the_limit_is_still_the_purchasing_managers(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=[{**DEAR, "amount": "50000"}])

    assert (await purchasing.do(MANAGER, "approve_request", no))["status"] == "approved"


async def test_a_quote_that_turns_out_large_moves_the_decision_to_the_general_manager(purchasing: Department) -> None:
    no = await submitted(purchasing)

    await purchasing.do(BUYER, "record_quote", no, **DEAR)

    assert (await owes(purchasing))[f"request_approval:{no}"] == "general_manager"


async def test_before_the_approval_a_supplier_may_quote_again(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES)

    document = await purchasing.do(BUYER, "record_quote", no, **{**QUOTES[0], "amount": "7100"})

    assert Decimal(document["amount"]) == 7100
    assert sorted(quote["supplier_code"] for quote in document["quotes"]) == ["S-01", "S-02", "S-03"]


async def test_after_the_approval_no_quote_changes_but_a_new_one_may_come(purchasing: Department) -> None:
    no = await approved(purchasing, quotes=QUOTES[:2])

    assert await purchasing.refused(BUYER, "record_quote", no, **QUOTES[0]) == "quoted_already"
    assert len((await purchasing.do(BUYER, "record_quote", no, **QUOTES[2]))["quotes"]) == 3


async def test_an_exemption_is_a_recorded_reason(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES[:1])

    await purchasing.do(MANAGER, "exempt_quotes", no, reason="只有一家能做")

    (fact,) = await purchasing.facts(QuoteExempted.name)
    assert isinstance(fact, QuoteExempted)
    assert (fact.request_no, fact.reason, fact.exempted_by) == (no, "只有一家能做", MANAGER)
    assert await purchasing.refused(BUYER, "exempt_quotes", no, reason="x") == "post_not_held"


async def test_a_refusal_is_a_fact_and_the_buyer_may_ask_anew(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES)

    document = await purchasing.do(MANAGER, "refuse_request", no, reason="价格太高")

    (fact,) = await purchasing.facts(AuthorityRefused.name)
    assert isinstance(fact, AuthorityRefused)
    assert (fact.document_no, fact.reason, fact.closes) == (no, "价格太高", (links.request_approval(no),))
    assert (document["status"], document["rejection"]) == ("rejected", "价格太高")
    assert await purchasing.refused(MANAGER, "approve_request", no) == "wrong_status"
    assert await purchasing.refused(BUYER, "record_quote", no, **QUOTES[0]) == "request_closed"
    assert (await purchasing.do(BUYER, "submit_request", **request()))["status"] == "submitted"


async def test_a_spoken_wish_is_refused_in_writing(purchasing: Department) -> None:
    form = {"document_no": "口头", "order_no": "SOD-1", "reason": "车间只是口头要料"}

    record = await purchasing.do(BUYER, "refuse_paper", **form)

    (fact,) = await purchasing.facts(AuthorityRefused.name)
    assert isinstance(fact, AuthorityRefused)
    assert (fact.order_no, fact.document_no, fact.refused_by) == ("SOD-1", "口头", BUYER)
    assert record["status"] == "recorded"


async def test_a_cancelled_order_voids_its_requests(purchasing: Department) -> None:
    no = await submitted(purchasing, quotes=QUOTES)

    await purchasing.hear(cancellation())

    assert await owes(purchasing) == {}
    assert [row["status"] for row in await shelf(purchasing, "purchase-requests")] == ["cancelled"]
    assert await purchasing.refused(MANAGER, "approve_request", no) == "order_cancelled"


@pytest.mark.parametrize("first", ["the command", "the cancellation"])
@pytest.mark.parametrize(
    ("employee", "command", "form"), [(BUYER, "record_quote", DEAR), (MANAGER, "approve_request", {})]
)
async def test_a_command_and_a_cancellation_at_once_block_nobody(
    purchasing: Department, employee: str, command: str, form: dict[str, object], first: str
) -> None:
    """Whoever comes second sees what the first did, and nobody owes anything for the order in the end."""
    no = await submitted(purchasing, quotes=QUOTES)
    works = [purchasing.attempt(employee, command, no, **form), purchasing.hear(cancellation())]

    met = await purchasing.meet("duties", *(works if first == "the command" else reversed(works)))

    (answer,) = [each for each in met if each is not None]
    assert answer.status_code == (200 if first == "the command" else 409), answer.text
    assert [row["status"] for row in await shelf(purchasing, "purchase-requests")] == ["cancelled"]
    assert await owes(purchasing) == {}
