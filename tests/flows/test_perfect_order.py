"""Does one order go through all seven departments, from the contract to the customer, when everybody does their part?"""

from deploy.local.player.expand import SYSTEM
from deploy.local.system import System
from tests.flows.played import check_acts, check_ledger, play

# Handovers that this story gives; the planner need not ask after what comes in time.
LINKS = {
    *("opinion", "review", "release", "package", "requirement", "production_order", "purchase_order"),
    *("request_approval", "arrival", "follow_up", "iqc", "receipt", "dispatch", "requisition_approval", "issue"),
    *("operation", "final_inspection", "finished_receipt", "notice", "planner_review", "director_review"),
    *("instruction", "outgoing_qa", "ship", "shipment_report", "progress"),
}


async def test_a_perfect_order_reaches_the_customer_and_nobody_is_recorded(system: System):
    played = await play(system, "perfect")
    perfect = played.outcomes["perfect"]
    order_no = perfect.order_no

    assert {each.link for each in perfect.handovers} == LINKS
    assert {each.status for each in perfect.handovers} == {"in_time"}
    assert all(each.delivered_at and each.closed_at and each.due_at for each in perfect.handovers)
    assert perfect.delivery == "on_time"
    assert perfect.records == []
    assert played.order
    assert played.order["status"] == "delivered"
    assert not any(duty["order_no"] == order_no for left in played.open_duties.values() for duty in left)

    (story,) = [story for story in played.stories if story.name == "perfect"]
    signatures = [step for step in story.steps if step.does.endswith(".sign_handover") and step.who != SYSTEM]
    assert sum(each.signed_at is not None for each in perfect.handovers) == len(signatures) > 0
    await check_ledger(system)
    await check_acts(system, played)
