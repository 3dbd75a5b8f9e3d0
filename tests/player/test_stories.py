"""Do the sample factory's stories tell what they say they tell? An independent stopwatch checks every one."""

from collections import Counter
from datetime import timedelta

import pytest

from deploy.local.player.expand import Story
from deploy.local.player.references import references
from deploy.local.player.timeline import load_stories, timeline
from deploy.local.sample.load import load_sample
from tests.player.stopwatch import Stopwatch

SAMPLE = load_sample()
STORIES = {story.name: story for story in load_stories()}
ORDERS = [story for story in STORIES.values() if story.product]
WANTED = {
    "perfect",
    "forgotten_release",
    "late_package",
    "late_supplier_warned",
    "late_supplier_unwarned",
    "iqc_failure",
    "operation_late",
    "power_cut_relayed",
    "power_cut_not_relayed",
    "no_shipping_notice",
    "notice_without_instruction",
    "instruction_not_shipped",
    "wrong_cause_bait",
    "message_two_days_late",
    "complaint_return_rework",
    "cancellation",
    "declined_review",
}
# Which clause a handover's overrun establishes by itself, and which only as the first cause of a missed delivery.
BY_ITSELF = {
    "production_order": "PMC-01",
    "arrival": "PUR-01",
    "receipt": "WHS-03",
    "finished_receipt": "WHS-03",
    "operation": "TML-01",
    "delay_response": "PRD-01",
    "notice": "SHP-01",
    "progress": "MER-04",
    "exception_relay": "MER-05",
    "complaint_to_pmc": "SHP-04",
    "follow_up": "PMC-02",
}
AS_FIRST_CAUSE = {
    "release": "MER-01",
    "package": "ENG-02",
    "requirement": "PMC-03",
    "dispatch": "PRD-01",
    "requisition_approval": "PRD-01",
    "instruction": "SHP-02",
    "ship": "SHP-03",
}
ON_TIME_ALONE = {*BY_ITSELF.values(), *AS_FIRST_CAUSE.values()}


def named(story: Story) -> str:
    return story.name


def test_every_story_that_was_asked_for_is_told():
    assert set(STORIES) >= WANTED
    assert len(ORDERS) >= 14


@pytest.mark.parametrize("story", ORDERS, ids=named)
def test_the_overruns_are_exactly_those_expected(story: Story):
    overran = Stopwatch(story, SAMPLE).overran()

    measured = [(duty.partition(":")[0], who, late) for duty, (who, late) in overran.items()]
    hours = [None if each.hours is None else timedelta(hours=float(each.hours)) for each in story.expect.overruns]
    told = [(each.handover, each.who, late) for each, late in zip(story.expect.overruns, hours, strict=True)]
    assert sorted(measured, key=str) == sorted(told, key=str)


@pytest.mark.parametrize("story", ORDERS, ids=named)
def test_the_handover_that_overran_is_the_one_named(story: Story):
    overran = Stopwatch(story, SAMPLE).overran()

    assert all(f"{each.handover}:{each.of}" in overran for each in story.expect.overruns if each.of)


@pytest.mark.parametrize("story", ORDERS, ids=named)
def test_delivery_and_first_cause_are_as_expected(story: Story):
    stopwatch = Stopwatch(story, SAMPLE)

    assert stopwatch.delivery() == story.expect.delivery
    assert stopwatch.first_cause() == story.expect.first_cause


@pytest.mark.parametrize("story", ORDERS, ids=named)
def test_the_records_of_the_clocks_follow_from_the_overruns(story: Story):
    stopwatch = Stopwatch(story, SAMPLE)
    proved = [(clause_of(stopwatch, duty), who) for duty, (who, _) in stopwatch.overran().items()]
    followed = Counter((clause, who) for clause, who in proved if clause)

    told: Counter[tuple[str, str]] = Counter()
    for each in story.expect.records:
        told[each.clause, each.who] += each.breaches if each.clause in ON_TIME_ALONE else 0
    told = +told
    assert followed == told


def clause_of(stopwatch: Stopwatch, duty: str) -> str | None:
    link = duty.partition(":")[0]
    return BY_ITSELF.get(link) or (AS_FIRST_CAUSE.get(link) if stopwatch.first_cause() == link else None)


@pytest.mark.parametrize("story", STORIES.values(), ids=named)
def test_whoever_is_recorded_held_the_post_and_acted_where_it_says_so(story: Story):
    for record in story.expect.records:
        held = [each for each in SAMPLE.people.holdings if each.who == record.who and each.post == record.post]
        assert held or record.post is None
        assert record.acting in {each.acting for each in held} or record.post is None


@pytest.mark.parametrize("story", ORDERS, ids=named)
def test_goods_that_leave_in_time_arrive_in_time(story: Story):
    delivered = [step for step in story.steps if step.does == "sales.confirm_delivery"]
    promised = next(step for step in story.steps if step.id == "order").arguments["lines"][0]["delivery_date"]
    postponed = [each.arguments["delivery_date"] for each in story.steps if each.does == "sales.postpone_delivery"]

    if story.expect.delivery == "on_time":
        assert delivered[0].arguments["delivered_on"] <= (postponed or [promised])[-1]
    assert (story.expect.delivery == "none") == (not delivered)


@pytest.mark.parametrize("story", [*ORDERS, STORIES["spoken_purchase"]], ids=named)
def test_all_is_played_in_the_two_months_and_nothing_but_earlier_answers_is_left_open(story: Story):
    first, last = story.steps[0].at, story.steps[-1].at

    assert {(each.year, each.month) for each in (first, last)} <= {(2026, 9), (2026, 10)}
    left = [each for step in story.steps for each in references(dict(step.arguments))]
    assert not any(each.startswith(("day ", "people.", "customer.", "product.")) for each in left)


def test_the_books_are_opened_before_the_first_order():
    opening = STORIES["opening"]
    does = Counter(step.does for step in opening.steps)

    assert opening.steps[-1].at < min(story.steps[0].at for story in ORDERS)
    assert does["sales.register_customer"] == len(SAMPLE.customers)
    assert does["engineering.register_product"] == len(SAMPLE.products)
    assert does["purchasing.qualify_supplier"] == len(SAMPLE.suppliers)


def test_while_a_relay_stands_still_no_other_story_needs_that_service():
    """A month is one timeline: what is stopped for one story is stopped for all."""
    steps = timeline(list(STORIES.values()))
    (stop,) = [step for step in steps if step.does == "system.stop_relay"]
    (start,) = [step for step in steps if step.does == "system.start_relay"]

    silent = [step for step in steps if stop.at <= step.at <= start.at and step.service == stop.arguments["service"]]
    assert silent
    assert {step.story for step in silent} == {stop.story}


def test_the_timeline_keeps_time_and_each_storys_own_order():
    stories = list(STORIES.values())
    steps = timeline(stories)

    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert len(steps) == sum(len(story.steps) for story in stories)
    for story in stories:
        assert tuple(step for step in steps if step.story == story.name) == story.steps


def test_a_steps_key_is_its_own_and_fits_a_header():
    keys = [step.key for step in timeline(list(STORIES.values()))]

    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and key.isprintable() and len(key) <= 80 for key in keys)


def test_the_stories_show_most_of_the_clauses():
    clauses = {record.clause for story in STORIES.values() for record in story.expect.records}

    assert clauses >= {"MER-01", "MER-03", "MER-04", "MER-05", "ENG-01", "ENG-02", "PMC-01", "PMC-02", "PMC-03"}
    assert clauses >= {"PUR-01", "PUR-03", "PUR-04", "PRD-01", "PRD-03", "QUA-02", "QUA-03", "QUA-04", "WHS-03"}
    assert clauses >= {"TML-01", "TML-02", "TML-03", "SHP-01", "SHP-02", "SHP-03", "SHP-04"}
