"""Whoever holds a record can retrace the due time: the standard, what did not count and why, and the overrun in working hours."""

from __future__ import annotations

from chassis.language import language
from contracts import links, warehouse
from services.accountability.views.reckonings import lines_of
from services.accountability.views.timelines import timeline
from tests.accountability.court import HR, TUESDAY, court, late_receipt, proposed
from tests.accountability.test_record_pages import words
from tests.support.facts import Story, a_story, local

NOTHING = "none (days off and time outside the shifts never count)"


def told(story: Story, duty: object, now: str) -> dict[str, str]:
    found = timeline(story.judged(now).state, "SO-1", now=local(now))
    assert found is not None
    (one,) = [known for known in found.handovers if known.duty == str(duty)]
    chosen = language.set("en")
    try:
        return {str(label): text for label, text in lines_of(one, local(now))}
    finally:
        language.reset(chosen)


def test_a_due_time_is_told_with_its_standard_and_what_did_not_count() -> None:
    story, duty = a_story(), links.receipt("LOT-1")
    story.at("2026-03-03 09:00").delivers(duty, "storekeeper", service="warehouse")
    began, ended = local("2026-03-03 10:00"), local("2026-03-03 15:00")
    story.at(ended).states(warehouse.ServiceUnavailable, started_at=began, ended_at=ended)
    story.at("2026-03-05 09:30").states(warehouse.GoodsReceived, order_no="SO-1", closes=[duty])

    assert told(story, duty, "2026-03-06 09:00") == {
        "How it is due": "arrival + 8 working hours",
        "Time that does not count": "service unavailable 2026-03-03 10:00 → 2026-03-03 15:00, 4.00 working hours",
        "Overrun (working hours)": "4.50, up to 2026-03-05 09:30",
    }


def test_an_operation_is_due_by_the_later_of_its_terms_with_what_its_document_says() -> None:
    story, duty = a_story(), links.operation("MO-1", 10)
    story.at("2026-03-03 09:00").delivers(duty, "team_leader", standard_hours="6.5", due_at=local("2026-03-03 12:00"))

    said = told(story, duty, "2026-03-04 09:00")

    assert said["How it is due"] == (
        "the latest of the time it was dispatched for; arrival + the standard time of 6.50 working hours"
    )
    assert said["Time that does not count"] == NOTHING
    assert said["Overrun (working hours)"] == "1.50, still not done at 2026-03-04 09:00"


async def test_page_and_form_show_how_the_due_time_came_about() -> None:
    async with court() as it:
        it.office.app.state.companion.judging.state = late_receipt().judged(TUESDAY).state

        for path in ("", "/print"):
            said = await words(it, HR, "en", path)
            assert f"How it is due arrival + 8 working hours Time that does not count {NOTHING}" in said
            assert "Overrun (working hours) 1.00, still not done at 2026-09-01 09:00" in said
        assert "期限算法 到达 + 8 工时" in await words(it, path="/print")


async def test_what_was_reckoned_otherwise_since_is_not_shown_beside_another_due_time() -> None:
    (breach,) = proposed().breaches
    other = {**breach.facts, "due_at": "2026-08-31T16:00:00+08:00"}
    async with court(proposed(breaches=(type(breach)(breach.about, breach.duty, breach.at, other),))) as it:
        it.office.app.state.companion.judging.state = late_receipt().judged(TUESDAY).state

        assert "How it is due" not in await words(it, HR, "en", "/print")
