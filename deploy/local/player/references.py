"""What does `${order.no}` in a story stand for?"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

REFERENCE = re.compile(r"\$\{([^${}]+)\}")
ROOT = re.compile(r"[^\s.\[]+")
PART = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<key>[^\[\]=]+)=(?P<value>[^\[\]]*)\]|\[(?P<index>\d+)\]")
LIST_OF = frozenset({"each", "in", "take"})
DEEPEST = 20


class KeepType:
    """The mark of a reference that cannot be answered yet."""


KEEP: Final = KeepType()
Lookup = Callable[[str], Any]


class UnknownReference(ValueError):
    """A reference that names nothing; the text says what is known there."""


def fill(value: Any, lookup: Lookup, depth: int = 0) -> Any:
    """The value with its references answered by `lookup`, which gives KEEP for what is not known yet.

    A text that is nothing but one reference becomes the very thing it names; inside a text its words are put in.
    `{each: x, in: list, take: value}` becomes the list of `value` for each `x`.
    """
    if depth > DEEPEST:
        raise UnknownReference(f"{value!r} refers to itself")
    if isinstance(value, str):
        return fill_text(value, lookup, depth)
    if isinstance(value, Mapping):
        return fill_list(value, lookup, depth) if set(value) == LIST_OF else fill_mapping(value, lookup, depth)
    if isinstance(value, list | tuple):
        return [fill(each, lookup, depth + 1) for each in value]
    return value


def fill_text(text: str, lookup: Lookup, depth: int) -> Any:
    whole = REFERENCE.fullmatch(text)
    if whole:
        found = lookup(whole[1])
        return text if found is KEEP else fill(found, lookup, depth + 1)
    filled = REFERENCE.sub(lambda match: spoken(match, fill(lookup(match[1]), lookup, depth + 1)), text)
    return text if filled == text else fill_text(filled, lookup, depth + 1)


def spoken(match: re.Match[str], found: Any) -> str:
    """What a reference inside a longer text reads as."""
    if found is KEEP:
        return match[0]
    if isinstance(found, str | int | Decimal):
        return str(found)
    raise UnknownReference(f"{match[0]} has parts and cannot stand inside a text; name one part of it")


def fill_mapping(value: Mapping[str, Any], lookup: Lookup, depth: int) -> dict[str, Any]:
    return {name: fill(each, lookup, depth + 1) for name, each in value.items()}


def fill_list(value: Mapping[str, Any], lookup: Lookup, depth: int) -> list[Any]:
    entries = fill(value["in"], lookup, depth + 1)
    if not isinstance(entries, list):
        raise UnknownReference(f"`in: {value['in']}` is no list")
    return [fill(value["take"], within(lookup, {value["each"]: entry}), depth + 1) for entry in entries]


def within(lookup: Lookup, names: Mapping[str, Any]) -> Lookup:
    """A lookup that knows these names before it asks the outer one."""

    def inner(expression: str) -> Any:
        root = root_of(expression)
        return follow(names[root], expression) if root in names else lookup(expression)

    return inner


def root_of(expression: str) -> str:
    found = ROOT.match(expression)
    if not found:
        raise UnknownReference(f"${{{expression}}} does not begin with a name")
    return found[0]


def follow(value: Any, expression: str) -> Any:
    """What an expression such as `order.lines[item_code=CT-400].short` names, starting from its root's value."""
    rest = expression[len(root_of(expression)) :]
    while rest:
        part = PART.match(rest)
        if not part:
            raise UnknownReference(f"${{{expression}}}: cannot read `{rest}`; write .name, [0] or [key=value]")
        value = step_into(value, part, expression)
        rest = rest[part.end() :]
    return value


def step_into(value: Any, part: re.Match[str], expression: str) -> Any:
    if part["name"] and isinstance(value, Mapping) and part["name"] in value:
        return value[part["name"]]
    if part["index"] and isinstance(value, list | tuple) and int(part["index"]) < len(value):
        return value[int(part["index"])]
    if part["key"] and isinstance(value, list | tuple):
        for each in value:
            if isinstance(each, Mapping) and str(each.get(part["key"])) == part["value"]:
                return each
    raise UnknownReference(f"${{{expression}}}: there is no `{part[0]}` in {known(value)}")


def known(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"an entry with {', '.join(map(str, value))}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return repr(value)


def references(value: Any) -> list[str]:
    """Every reference in a value, however deep."""
    if isinstance(value, str):
        return REFERENCE.findall(value)
    if isinstance(value, Mapping):
        return [found for each in value.values() for found in references(each)]
    if isinstance(value, list | tuple):
        return [found for each in value for found in references(each)]
    return []
