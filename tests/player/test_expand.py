"""What does a story come to when its basis is laid out and changed?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local.player.check import check_story
from deploy.local.player.expand import PlannedStep, Story, expand
from deploy.local.sample.files import MistakeInFile
from deploy.local.sample.load import load_sample

SAMPLE = load_sample()
Write = Callable[..., Story]

BASIS = """
title: {zh: 主线, en: A course}
ship_by: day 5
let:
  inquiries:
    - {name: first, at: day 2 09:00}
    - {name: second, at: day 2 10:00}
steps:
  - id: order
    at: day 1 09:00
    who: 小吴
    does: sales.submit_contract
    with:
      customer_code: ${customer.code}
      merchandiser: ${people.阿珍}
      lines:
        - {delivery_date: "${delivery_date}", quantity: "${quantity}", product_code: "${product.code}"}
  - id: confirm
    at: day 1 10:00
    who: 小吴
    does: sales.confirm_order
    with:
      no: ${order.no}
  - id: release
    at: day 1 15:00
    who: merchandiser
    duty: release:${order.no}
    signed: day 1 11:00
    does: sales.release_order
    with:
      no: ${order.no}
  - each: inquiry
    in: ${inquiries}
    steps:
      - id: ask_${inquiry.name}
        at: ${inquiry.at}
        who: 小吴
        does: sales.ask_progress
        with:
          order_no: ${order.no}
          question: ${inquiry.name}
  - id: postpone
    at: day 3 16:00
    who: 小吴
    does: sales.postpone_delivery
    with:
      no: ${order.no}
      line_no: 1
      delivery_date: ${day 6}
      customer_reference: by ${day 4 09:30}
"""
HEAD = """
title: {zh: 故事, en: A story}
basis: course
start: 2026-09-17
customer: C-02
product: P-GGD
quantity: 2
expect: {delivery: none}
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Expands a story that is written after the head, on a basis of a few steps."""
    (tmp_path / "basis").mkdir()
    (tmp_path / "basis" / "course.yaml").write_text(BASIS)

    def write(text: str = "") -> Story:
        file = tmp_path / "story.yaml"
        file.write_text(HEAD + text)
        story = expand(file, SAMPLE)
        check_story(story, SAMPLE)
        return story

    return write


def step(story: Story, name: str) -> PlannedStep:
    return next(each for each in story.steps if each.id == name)


def times(story: Story) -> dict[str, str]:
    return {each.id: f"{each.at:%m-%d %H:%M}" for each in story.steps}


def test_working_days_people_and_the_catalogue_are_filled_in(write: Write):
    story = write()

    assert times(story) == {
        "order": "09-17 09:00",
        "confirm": "09-17 10:00",
        "sign_release": "09-17 11:00",
        "release": "09-17 15:00",
        "ask_first": "09-18 09:00",
        "ask_second": "09-18 10:00",
        "postpone": "09-20 16:00",  # the Sunday is worked
    }
    order = step(story, "order")
    assert order.arguments["customer_code"] == "C-02"
    assert order.arguments["merchandiser"] == "E-003"
    assert order.arguments["lines"] == [{"delivery_date": "2026-09-24", "quantity": 2, "product_code": "P-GGD"}]
    assert step(story, "release").who == "E-003"


def test_a_signature_is_a_step_of_its_own(write: Write):
    signature = step(write(), "sign_release")

    assert signature.does == "sales.sign_handover"
    assert signature.arguments == {"link": "release", "key": "${order.no}"}
    assert signature.who == "E-003"


def test_a_delay_moves_all_later_steps_with_their_dates(write: Write):
    story = write("changes: [{delay: ask_second, by: 1 day 2 hours}]")

    assert times(story)["ask_first"] == "09-18 09:00"
    assert times(story)["ask_second"] == "09-20 12:00"  # the end of a shift
    assert times(story)["postpone"] == "09-22 09:00"
    assert step(story, "postpone").arguments["delivery_date"] == "2026-09-24"
    assert step(story, "postpone").arguments["customer_reference"] == "by 2026-09-22T11:30:00+08:00"


def test_a_step_is_moved_alone_and_several_by_a_pattern(write: Write):
    assert times(write("changes: [{move: ask_first, to: day 4 08:00}]"))["ask_first"] == "09-21 08:00"
    assert times(write("changes: [{move: ask_*, to: 2026-09-22 08:30}]"))["ask_second"] == "09-22 08:30"


def test_a_step_is_rewritten(write: Write):
    story = write(
        "changes: [{change: ask_first, who: 小林, with: {question: '${quantity} ready?'}, refused: no_right}]"
    )

    assert step(story, "ask_first").who == "E-002"
    assert step(story, "ask_first").arguments == {"order_no": "${order.no}", "question": "2 ready?"}
    assert step(story, "ask_first").refused == "no_right"


def test_steps_are_removed_with_their_signatures_or_cut_from_one_on(write: Write):
    assert list(times(write("changes: [{remove: [release, ask_*]}]"))) == ["order", "confirm", "postpone"]
    assert list(times(write("changes: [{cut: release}]"))) == ["order", "confirm", "sign_release"]


def test_a_story_adds_steps_of_its_own_and_its_values_win(write: Write):
    own = "{id: check, at: day 2 09:30, who: 阿珍, does: sales.check_shipment, with: {no: x, line_no: 1, finding: ok}}"
    story = write(f"let: {{inquiries: [{{name: only, at: day 2 11:00}}]}}\nsteps: [{own}]")

    assert list(times(story))[-3:] == ["check", "ask_only", "postpone"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("changes: [{delay: resale, by: 1 day}]", "0.delay: the basis has no step resale; it has order,"),
        ("changes: [{delay: release}]", "0.delay: a delay says `by` how much"),
        ("changes: [{delay: release, by: soon}]", "0.by: Value error, write a delay as `2 days`"),
        ("changes: [{move: release}]", "0.move: a move says `to` when"),
        ("changes: [{move: ask_*, to: noon}]", "0.to: 'noon' is no time"),
        ("changes: [{delay: release, by: 1 day, cut: order}]", "0: a change is exactly one of"),
        ("changes: [{remove: [dispatch_*]}]", "0.remove.0: the basis has no step dispatch_*"),
        ("changes: [{change: release, with: {nr: 1}}]", "0.with.nr: sales.release_order has no argument `nr`"),
        ("changes: [{move: release, to: day 3 12:30}]", "0.at: nobody works on Sunday 2026-09-20 12:30"),
        ("changes: [{change: release, who: 小吴}]", "0.who: sales.release_order needs merchandiser"),
        ("changes: [{change: release, who: 小伍}]", "0.who: 小伍 is neither an employee nor a post"),
        (
            "steps: [{id: x, at: day 9 09:00, who: 小吴, does: sales.confirm}]",
            "0.does: there is no command sales.confirm;",
        ),
        ("steps: [{id: order, at: day 9 09:00, who: 小吴, does: x.y}]", "0.id: there are two steps called order"),
        ("steps: [{id: x, at: day 9, who: 小吴, does: x.y}]", "0.at: 'day 9' has no time of day"),
        ("steps: [{id: x, at: day 9 09:00, who: 小吴, does: x.y, signed: day 8 09:00}]", "0.signed: `signed` needs"),
        ("let: {Inquiries: []}", "Inquiries"),
    ],
)
def test_a_mistake_names_file_line_and_remedy(write: Write, text: str, says: str):
    with pytest.raises(MistakeInFile) as mistake:
        write(text)

    assert str(mistake.value).startswith(f"story.yaml, line 9, {text.partition(':')[0]}.{says}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "changes: [{remove: [order]}]",
            "course.yaml, line 18, steps.1: (in story) confirm refers to ${order.no}, but",
        ),
        ("let: {inquiries: none}", "course.yaml, line 32, steps.3: `in` must be a list"),
    ],
)
def test_a_mistake_that_shows_in_the_basis_is_named_there(write: Write, text: str, says: str):
    with pytest.raises(MistakeInFile) as mistake:
        write(text)

    assert str(mistake.value).startswith(says)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("basis: course", "basis: cours", "line 3, basis: there is no basis cours; known are course"),
        ("customer: C-02", "customer: C-09", "line 5, customer: there is no customer C-09; known are C-01"),
        ("product: P-GGD", "product: P-GCK", "line 6, product: there is no product P-GCK"),
        ("start: 2026-09-17", "", "`start` is missing"),
        ("expect: {delivery: none}", "", "`expect` is missing"),
        ("quantity: 2", "quantity: 2\nship_by: soon", "line 8, ship_by: 'soon' is no day"),
        ("quantity: 2", "quantity: -2", "line 7, quantity: Input should be greater than 0"),
    ],
)
def test_a_mistake_in_the_head_is_named_too(
    write: Write, monkeypatch: pytest.MonkeyPatch, before: str, after: str, says: str
):
    monkeypatch.setattr("tests.player.test_expand.HEAD", HEAD.replace(before, after))

    with pytest.raises(MistakeInFile) as mistake:
        write()

    assert says in str(mistake.value)


def test_a_basis_that_builds_on_itself_is_found(write: Write, tmp_path: Path):
    (tmp_path / "basis" / "course.yaml").write_text(BASIS + "\nbasis: course\n")

    with pytest.raises(MistakeInFile, match="this basis builds on itself"):
        write()
