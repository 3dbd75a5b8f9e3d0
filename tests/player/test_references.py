"""What does a reference stand for, and what is said about one that names nothing?"""

import pytest

from deploy.local.player.references import KEEP, Lookup, UnknownReference, fill, follow, references, root_of

ORDER = {"no": "SOD-1", "lines": [{"item_code": "CT-400", "short": "4"}, {"item_code": "TB-6", "short": "9"}]}


def knows(**names: object) -> Lookup:
    def lookup(expression: str) -> object:
        root = root_of(expression)
        return follow(names[root], expression) if root in names else KEEP

    return lookup


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("${order.no}", "SOD-1"),
        ("${order.lines[0]}", {"item_code": "CT-400", "short": "4"}),
        ("${order.lines[item_code=TB-6].short}", "9"),
        ("release:${order.no}/1", "release:SOD-1/1"),
        ("${order.lines[item_code=${item}].short}", "9"),
        ("${later.no} of ${order.no}", "${later.no} of SOD-1"),
        ("no reference", "no reference"),
    ],
)
def test_a_reference_becomes_what_it_names_and_a_later_one_stays(text: str, means: object):
    assert fill(text, knows(order=ORDER, item="TB-6")) == means


def test_references_are_filled_however_deep():
    wanted = {"lines": [{"line_no": "${order.lines[0].short}"}], "kept": 3}

    assert fill(wanted, knows(order=ORDER)) == {"lines": [{"line_no": "4"}], "kept": 3}


def test_a_list_is_written_once_for_each_entry():
    wanted = {"each": "line", "in": "${order.lines}", "take": {"item": "${line.item_code}", "of": "${order.no}"}}

    filled = fill(wanted, knows(order=ORDER))

    assert filled == [{"item": "CT-400", "of": "SOD-1"}, {"item": "TB-6", "of": "SOD-1"}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${order.number}", r"there is no `.number` in an entry with no, lines"),
        ("${order.lines[2]}", r"there is no `\[2\]` in a list of 2"),
        ("${order.lines[item_code=X]}", r"there is no `\[item_code=X\]`"),
        ("${order.no.length}", "there is no `.length` in 'SOD-1'"),
        ("${order..no}", "cannot read `..no`"),
        ("all of ${order.lines}", "has parts and cannot stand inside a text"),
        ("${loop}", "refers to itself"),
    ],
)
def test_a_reference_to_nothing_says_what_is_there(text: str, says: str):
    with pytest.raises(UnknownReference, match=says):
        fill(text, knows(order=ORDER, loop="${loop}"))


def test_every_reference_is_found():
    assert references({"a": ["${x.no}", {"b": "y ${z.no} and ${q}"}], "c": 1}) == ["x.no", "z.no", "q"]
