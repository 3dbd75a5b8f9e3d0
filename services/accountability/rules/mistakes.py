"""How is a mistake in a rulebook told: where it stands, and what to write instead? In both languages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from chassis.language import Label, brief
from chassis.remedies import remedy_of

Place = tuple[str | int, ...]
Mistake = tuple[Place, Label]

NAMES = ("code", "key", "name")
"""By which of its fields an entry of a list is known."""

UNKNOWN = Label("没有{what}“{name}”;是不是 {near}?", "unknown {what} {name!r}; did you mean {near}?")
TWICE = Label("“{code}”写了两次;请去掉一个或改名", "{code!r} is there twice")
VALUE = Label("“{value}”不对:{remedy}", "not {value!r}: {remedy}")
WHOLE = Label("整份责任条款", "the whole text")
AT = Label("{place}:{text}", "{place}: {text}")
TOGETHER = Label("{one};{other}", "{one}; {other}")

POST, LINK, CLAUSE, FACT = (
    Label("岗位", "post"),
    Label("环节", "link"),
    Label("条款", "clause"),
    Label("事实", "event"),
)

SHAPES = {
    "deadline": Label("时限", "deadline"),
    "first_cause": Label("首因", "first cause"),
    "prohibition": Label("禁止", "prohibition"),
    "attribution": Label("归因", "attribution"),
    "finding": Label("由人认定", "finding"),
}
"""The kinds of grounds."""


@dataclass(frozen=True, slots=True)
class Told:
    """One mistake, with its line where the text is at hand; entries of `name` are called by their codes."""

    line: int | None
    place: Place
    name: str
    text: Label

    @property
    def placed(self) -> Label:
        """The mistake with its place, for whoever has no text with lines before them."""
        return AT.filled(place=self.name or WHOLE, text=self.text)


def unknown(place: Place, names: Iterable[str], known: Iterable[str], what: Label) -> Iterator[Mistake]:
    """Names that are not among the known ones, each with the nearest that are."""
    table = set(known)
    for name in names:
        if name not in table:
            yield place, UNKNOWN.filled(what=what, name=name, near=nearest(name, table))


def nearest(name: str, known: Iterable[str]) -> Label:
    """The known names that are spelled most alike, or what there is."""
    table = sorted(known)
    near = get_close_matches(name, table, n=3, cutoff=0.4) or table[:20]
    return Label(" 或 ".join(near), " or ".join(near))


def of_shape(error: ValidationError) -> Iterator[Mistake]:
    """What pydantic has found: keys and values that a rulebook cannot have."""
    for fault in error.errors():
        remedy, value = sentence_open(remedy_of(dict(fault))), fault["input"]
        names_value = fault["type"] in ("missing", "extra_forbidden", "value_error")
        plain = isinstance(value, str | int | float) and not names_value
        yield tuple(fault["loc"]), VALUE.filled(value=brief(value), remedy=remedy) if plain else remedy


def sentence_open(text: Label) -> Label:
    """Without its full stop: a mistake is a line of a list, or goes on with the next one."""
    return Label(text.zh.removesuffix("。"), text.en.removesuffix("."))


def named(place: Place, rules: Any) -> str:
    """A place in words: an entry of a list by its code, else by its number from one on."""
    parts, inside = list[str](), rules
    for part in place:
        if isinstance(inside, list) and isinstance(part, int):
            inside = inside[part] if part < len(inside) else None
            parts.append(code_of(inside) or str(part + 1))
        else:
            inside = inside.get(part) if isinstance(inside, dict) else None
            parts.append(str(part))
    return ".".join(parts)


def code_of(entry: Any) -> str | None:
    """The name by which an entry of a list is known, where it has one."""
    return next((str(entry[name]) for name in NAMES if name in entry), None) if isinstance(entry, dict) else None
