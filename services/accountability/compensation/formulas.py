"""What does a clause's formula say to whoever reads it on their record? Its names in words, with the usual signs."""

import re

from chassis.language import Label, word

NAME = re.compile(r"\b(?:costs|fact|order)\.(\w+)\b|\blower(?=\()")
SIGNS = re.compile(r"[\d\s.,()+*/-]*")
IN_WORDS = {"amount": Label("订单金额", "order amount"), "": Label("取低者", "the lower of ")}
UNIT = re.compile(r"\s*\((?:元|CNY)\)$")
PERCENT = re.compile(r"\* (\d+) / 100\b")
COMPUTED = re.compile(r"min\((.+?) = (?=\d)")


def in_words(formula: str) -> str:
    """In the reader's language; a formula with anything in it that has no word shows as it was written."""
    terms = NAME.findall(formula)
    if not SIGNS.fullmatch(NAME.sub("", formula)) or not all(map(has_a_word, terms)):
        return formula
    told = NAME.sub(lambda found: term_in_words(found[1] or ""), formula)
    return PERCENT.sub(r"× \1 %", told).replace("*", "×").replace("/", "÷")


def computed_in_words(computation: str) -> str:
    """A computation as a record states it, with each formula that can be said in words."""

    def told(found: re.Match[str]) -> str:
        said = in_words(found[1])
        return found[0] if said == found[1] else f"{IN_WORDS['']}({said} = "

    return COMPUTED.sub(told, computation)


def has_a_word(term: str) -> bool:
    return term in IN_WORDS or word(term).zh != term


def term_in_words(term: str) -> str:
    """A cost or a field of a fact, without its unit."""
    said = UNIT.sub("", str(IN_WORDS.get(term) or word(term)))
    return said[:1].lower() + said[1:]
