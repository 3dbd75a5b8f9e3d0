"""Waiting for the manager's word on quotes or on another supplier rests the buyer's clock and runs the manager's."""

from datetime import datetime, timedelta

from contracts import links
from contracts.event import DutyRef
from contracts.purchasing import (
    AuthorityRefused,
    ExemptionRequested,
    HandoverDelivered,
    PurchaseOrderIssued,
    QuoteExempted,
    SupplierChangeAgreed,
    SupplierChangeApproved,
    SupplierChangeRequested,
)
from tests.purchasing.conftest import (
    ARRIVAL,
    BUYER,
    MANAGER,
    QUOTES,
    approved,
    commitment,
    listed,
    need,
    ordered,
    owes,
    submitted,
)
from tests.purchasing.test_amendments import amendment
from tests.support.departments import MORNING, Department
from tests.support.worklists import know_the_standards, rows

TO_ORDER = links.purchase_order("MRL-1")
CLOCKS = (TO_ORDER, ARRIVAL)
TWO = QUOTES[:2]
OTHER = {"supplier_code": "S-02", "reason": "S-01 停产"}


async def waits(purchasing: Department, duty: DutyRef = TO_ORDER) -> list[str]:
    """What the buyer's clock waits for."""
    found: list[str] = (await rows(purchasing, BUYER))[str(duty)]["waits_for"]
    return found


async def asked(purchasing: Department) -> str:
    """An approved request of which the exemption is asked for."""
    await know_the_standards(purchasing)
    no = await approved(purchasing, quotes=TWO)
    await purchasing.do(BUYER, "ask_for_exemption", no, reason="只有两家能做")
    return no


async def test_asking_for_an_exemption_rests_the_buyers_clock_and_runs_the_managers(purchasing: Department) -> None:
    no = await asked(purchasing)

    fact, delivered = (await purchasing.facts(ExemptionRequested.name, HandoverDelivered.name))[-2:]
    assert isinstance(fact, ExemptionRequested)
    assert isinstance(delivered, HandoverDelivered)
    assert (fact.pauses, fact.reason, fact.requested_by) == (CLOCKS, "只有两家能做", BUYER)
    assert (delivered.duty, delivered.post) == (links.quote_exemption(no), "purchasing_manager")
    assert delivered.inputs == CLOCKS
    assert await waits(purchasing) == await waits(purchasing, ARRIVAL) == [f"quote_exemption:{no}"]
    due = (await rows(purchasing, MANAGER))[f"quote_exemption:{no}"]["due_at"]
    assert datetime.fromisoformat(due) == MORNING + timedelta(hours=5)  # four of them working hours


async def test_the_exemption_runs_the_buyers_clock_on_by_as_much(purchasing: Department) -> None:
    no = await asked(purchasing)
    before = datetime.fromisoformat((await rows(purchasing, BUYER))[str(TO_ORDER)]["due_at"])
    await purchasing.wait_until(MORNING + timedelta(hours=2))

    await purchasing.do(MANAGER, "exempt_quotes", no, reason="图纸指定")

    (fact,) = await purchasing.facts(QuoteExempted.name)
    assert (fact.closes, fact.resumes) == ((links.quote_exemption(no),), CLOCKS)
    assert await waits(purchasing) == []
    assert datetime.fromisoformat((await rows(purchasing, BUYER))[str(TO_ORDER)]["due_at"]) - before == timedelta(
        hours=2
    )
    await purchasing.do(BUYER, "issue_purchase_order", **commitment(no))


async def test_an_exemption_may_be_refused_and_asked_for_again(purchasing: Department) -> None:
    no = await asked(purchasing)

    assert await purchasing.refused(BUYER, "refuse_exemption", no, reason="x") == "post_not_held"
    await purchasing.do(MANAGER, "refuse_exemption", no, reason="再问一家")

    (fact,) = await purchasing.facts(AuthorityRefused.name)
    assert isinstance(fact, AuthorityRefused)
    assert (fact.closes, fact.resumes, fact.authority) == ((links.quote_exemption(no),), CLOCKS, "refuse_exemption")
    assert await purchasing.refused(BUYER, "issue_purchase_order", **commitment(no)) == "quotes_missing"
    assert await purchasing.refused(MANAGER, "refuse_exemption", no, reason="x") == "not_asked"
    await purchasing.do(BUYER, "ask_for_exemption", no, reason="问过了,不做")
    assert await waits(purchasing) == [f"quote_exemption:{no}"]


async def test_what_is_not_needed_or_asked_already_is_refused(purchasing: Department) -> None:
    no = await asked(purchasing)
    assert await purchasing.refused(BUYER, "ask_for_exemption", no, reason="x") == "asked_already"

    await purchasing.do(MANAGER, "exempt_quotes", no, reason="图纸指定")

    assert await purchasing.refused(BUYER, "ask_for_exemption", no, reason="x") == "exemption_not_needed"


async def test_a_clock_waits_for_the_request_and_for_its_exemption(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    no = await submitted(purchasing, quotes=TWO)
    await purchasing.do(BUYER, "ask_for_exemption", no, reason="只有两家能做")

    await purchasing.do(MANAGER, "approve_request", no)
    assert await waits(purchasing) == [f"quote_exemption:{no}"]
    await purchasing.do(MANAGER, "exempt_quotes", no, reason="图纸指定")

    assert await waits(purchasing) == []


async def test_a_refused_request_leaves_nothing_to_decide(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    no = await submitted(purchasing, quotes=TWO)
    await purchasing.do(BUYER, "ask_for_exemption", no, reason="只有两家能做")

    await purchasing.do(MANAGER, "refuse_request", no, reason="太贵")

    (fact,) = await purchasing.facts(AuthorityRefused.name)
    assert (fact.closes, fact.resumes) == ((links.request_approval(no), links.quote_exemption(no)), CLOCKS * 2)
    assert await waits(purchasing) == await waits(purchasing, ARRIVAL) == []
    assert f"quote_exemption:{no}" not in await owes(purchasing)


async def test_an_order_that_needs_no_exemption_any_more_leaves_nothing_to_decide(purchasing: Department) -> None:
    no = await asked(purchasing)
    await purchasing.do(BUYER, "record_quote", no, **QUOTES[2])

    await purchasing.do(BUYER, "issue_purchase_order", **commitment(no))

    (fact,) = await purchasing.facts(PurchaseOrderIssued.name)
    assert (fact.closes, fact.resumes) == ((TO_ORDER, links.quote_exemption(no)), CLOCKS)
    assert await waits(purchasing, ARRIVAL) == []
    assert f"quote_exemption:{no}" not in await owes(purchasing)


async def test_asking_for_another_supplier_rests_the_buyers_clock(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    no = await approved(purchasing)

    document = await purchasing.do(BUYER, "ask_for_other_supplier", no, **OTHER)

    assert (document["supplier_code"], document["supplier_wanted"]) == ("S-01", "S-02")
    (fact,) = await purchasing.facts(SupplierChangeRequested.name)
    assert isinstance(fact, SupplierChangeRequested)
    assert (fact.pauses, fact.document_no, fact.from_supplier, fact.to_supplier) == (CLOCKS, no, "S-01", "S-02")
    assert (await owes(purchasing))[f"supplier_change:{no}"] == "purchasing_manager"
    assert await waits(purchasing) == [f"supplier_change:{no}"]
    assert await purchasing.refused(BUYER, "ask_for_other_supplier", no, **OTHER) == "asked_already"


async def test_the_managers_word_runs_the_buyers_clock_on(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    no = await approved(purchasing)
    await purchasing.do(BUYER, "ask_for_other_supplier", no, **OTHER)

    await purchasing.do(MANAGER, "approve_other_supplier", no, **OTHER)

    (fact,) = await purchasing.facts(SupplierChangeAgreed.name)
    assert isinstance(fact, SupplierChangeAgreed)
    assert (fact.closes, fact.resumes, fact.from_supplier) == ((links.supplier_change(no),), CLOCKS, "S-01")
    assert await waits(purchasing) == []
    await purchasing.do(BUYER, "issue_purchase_order", **commitment(no, supplier_code="S-02"))
    (stated,) = await purchasing.facts(SupplierChangeApproved.name)
    assert (stated.closes, stated.resumes) == ((), ())


async def test_it_may_stay_with_the_approved_supplier(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    no = await approved(purchasing)
    await purchasing.do(BUYER, "ask_for_other_supplier", no, **OTHER)

    document = await purchasing.do(MANAGER, "refuse_other_supplier", no, reason="催 S-01")

    assert (document["supplier_code"], document["supplier_wanted"]) == ("S-01", None)
    (fact,) = await purchasing.facts(AuthorityRefused.name)
    assert (fact.closes, fact.resumes) == ((links.supplier_change(no),), CLOCKS)
    assert await purchasing.refused(MANAGER, "refuse_other_supplier", no, reason="x") == "not_asked"


async def test_only_what_could_be_agreed_to_can_be_asked_for(purchasing: Department) -> None:
    no = await approved(purchasing)
    ask = "ask_for_other_supplier"

    assert await purchasing.refused(BUYER, ask, no, supplier_code="S-01", reason="x") == "supplier_same"
    assert await purchasing.refused(BUYER, ask, no, supplier_code="S-09", reason="x") == "supplier_not_approved"
    assert await purchasing.refused(MANAGER, ask, no, **OTHER) == "post_not_held"


async def test_under_an_order_only_its_arrivals_rest(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    no = await ordered(purchasing)

    await purchasing.do(BUYER, "ask_for_supplier_change", no, **OTHER)
    assert await waits(purchasing, ARRIVAL) == [f"supplier_change:{no}"]
    delivered = (await purchasing.facts(HandoverDelivered.name))[-1]
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.duty, delivered.inputs) == (links.supplier_change(no), (ARRIVAL,))
    await purchasing.do(MANAGER, "approve_supplier_change", no, **OTHER)

    (fact,) = await purchasing.facts(SupplierChangeApproved.name)
    assert (fact.closes, fact.resumes) == ((links.supplier_change(no),), (ARRIVAL,))
    assert await waits(purchasing, ARRIVAL) == []


async def test_a_change_under_an_order_may_be_refused(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    no = await ordered(purchasing)
    await purchasing.do(BUYER, "ask_for_supplier_change", no, **OTHER)

    await purchasing.do(MANAGER, "refuse_supplier_change", no, reason="催 S-01")

    assert await waits(purchasing, ARRIVAL) == []
    assert f"supplier_change:{no}" not in await owes(purchasing)


async def test_nothing_that_was_asked_for_outlives_its_line(purchasing: Department) -> None:
    no = await asked(purchasing)
    await purchasing.hear(amendment(2, 2))

    assert f"quote_exemption:{no}" not in await owes(purchasing)


async def test_a_list_that_nobody_asks_about_waits_for_nothing(purchasing: Department) -> None:
    await know_the_standards(purchasing)
    await listed(purchasing, need())

    assert await waits(purchasing) == []
