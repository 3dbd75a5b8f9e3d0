"""Which words does this reader see? Chinese by default, English by a switch."""

from contextvars import ContextVar
from dataclasses import dataclass

from contracts.words import DEPARTMENTS, WORDS

LANGUAGES = ("zh", "en")
language: ContextVar[str] = ContextVar("language", default="zh")


@dataclass(frozen=True, slots=True)
class Label:
    """One thing's name in both languages; `str()` gives the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if language.get() == "en" else self.zh


def chosen(cookie: str | None, accept: str | None) -> str:
    """The switch (a cookie) wins; without it a script that asks for English gets English, everybody else Chinese."""
    if cookie in LANGUAGES:
        return cookie
    return "en" if (accept or "").lower().startswith("en") and cookie is None and "zh" not in (accept or "") else "zh"


def word(term: object) -> Label:
    """The vocabulary's name of a field, status, post, department or link; a term without one shows as it is."""
    return Label(*WORDS.get(str(term), (str(term), str(term))))


def department(code: str) -> Label:
    """A department's name."""
    return Label(*DEPARTMENTS.get(code, (code, code)))
