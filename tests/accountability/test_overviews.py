"""Does one line about an order say of it what its timeline says?"""

from contracts import links, sales
from services.accountability.views.overviews import newest, orders
from tests.accountability.stories import TUESDAY, an_order_for


def test_what_was_still_running_when_the_order_was_given_up_did_not_overrun():
    story, late, running = an_order_for("2026-03-20"), links.progress("INQ-1"), links.package("SO-1", 1)
    story.at(TUESDAY).delivers(late, "merchandiser", service="sales")
    story.at("2026-03-04 09:00").delivers(running, "engineer", service="engineering")
    story.at("2026-03-04 11:00").states(sales.OrderCancelled, order_no="SO-1")

    state = story.judged().state
    (line,) = orders(state, newest(state, "SO-"), {"SO-1": 2})

    assert (line.handovers, line.overran, line.records, line.cancelled) == (2, 1, 2, True)
