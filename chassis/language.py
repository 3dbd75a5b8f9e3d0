"""Which words does this reader see? Chinese by default, English by a switch."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass

from contracts.event_words import EVENTS
from contracts.words import DEPARTMENTS, WORDS

LANGUAGES = ("zh", "en")
MOST_SHOWN = 80
"""How many characters of somebody's own text a message repeats."""
language: ContextVar[str] = ContextVar("language", default="zh")


@dataclass(frozen=True, slots=True)
class Label:
    """One thing's name in both languages; `str()` gives the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.said_in(language.get())

    def said_in(self, tongue: str) -> str:
        """The name for somebody who reads `zh` or `en`."""
        return self.en if tongue == "en" else self.zh

    def filled(self, **values: object) -> "Label":
        """The same with its braces filled in both languages; a value that is a label says its own in each."""
        chinese = {name: value.zh if isinstance(value, Label) else value for name, value in values.items()}
        english = {name: value.en if isinstance(value, Label) else value for name, value in values.items()}
        return Label(self.zh.format_map(chinese), self.en.format_map(english))


class InvalidValue(ValueError):
    """A value that makes no sense; `what` says why, and what to do, in both languages. A log has the English."""

    def __init__(self, what: Label, **values: object) -> None:
        self.what = what.filled(**{name: brief(value) for name, value in values.items()})
        super().__init__(self.what.en)


def brief(value: object) -> object:
    """A text no longer than it takes to know which it is."""
    return f"{value[:MOST_SHOWN]}…" if isinstance(value, str) and len(value) > MOST_SHOWN else value


def listed(names: Iterable[str]) -> Label:
    """Several names one after the other, as either language sets them apart."""
    known = tuple(names)
    return Label("、".join(known), ", ".join(known))


def chosen(cookie: str | None, accept: str | None) -> str:
    """The switch (a cookie) wins; without it a script that asks for English gets English, everybody else Chinese."""
    if cookie in LANGUAGES:
        return cookie
    return "en" if (accept or "").lower().startswith("en") and cookie is None and "zh" not in (accept or "") else "zh"


def word(term: object) -> Label:
    """The vocabulary's name of a field, status, post, department or link; a term without one shows as it is."""
    return Label(*WORDS.get(str(term), (str(term), str(term))))


def kind_of_fact(event: str) -> Label:
    """What a kind of fact is called, by its name on the bus; one without a word shows as it is."""
    _, _, rest = event.partition(".")
    return Label(*EVENTS.get(rest.partition(".")[0], (event, event)))


def department(code: str) -> Label:
    """A department's name."""
    return Label(*DEPARTMENTS.get(code, (code, code)))
