"""What does a clause's formula say to whoever reads it on their record? Its names in words, with the usual signs."""

import re

from chassis.language import Label, word

NAME = re.compile(r"\b(?:costs|fact|order)\.(\w+)\b|\blower(?=\()")
SIGNS = re.compile(r"[\d\s.,()+*/-]*")
IN_WORDS = {"amount": Label("订单金额", "order amount"), "": Label("取低者", "the lower of ")}
UNIT = re.compile(r"\s*\((?:元|CNY)\)$")
PERCENT = re.compile(r"\* (\d+) / 100\b")
EACH = re.compile(r"sum\(fact\.(\w+)\.map\((\w+), ((?:[^()]|\([^()]*\))+)\)\)")
"""What is added up over a list; of brackets within it one level is read."""
CHOICE = re.compile(r"(.+?) (>=?|<=?) (.+?) \? (.+) : 0")
SUM = Label("{of}逐项合计({amount})", "the sum over {of} of ({amount})")
WHERE = Label("{one} {sign} {other}时,{amount}", "{amount}, where {one} {sign} {other}")
COMPUTED = re.compile(r"min\((.+?) = (?=\d)")


def in_words(formula: str) -> str:
    """In the reader's language; a formula with anything in it that has no word shows as it was written."""
    return told_of(formula) or formula


def told_of(formula: str) -> str:
    """Empty where something in it has no word."""
    summed = EACH.search(formula)
    if summed is None:
        return plainly(formula)
    parts = [formula[: summed.start()], formula[summed.end() :]]
    before, after = map(plainly, parts)
    told = added_up(*summed.groups())
    return f"{before}{told}{after}" if told and list(map(bool, parts)) == [bool(before), bool(after)] else ""


def added_up(listed: str, item: str, amount: str) -> str:
    """A sum over a list of a fact's, under a condition where there is one."""
    of_it = re.sub(rf"\b{item}\.", "fact.", amount)
    chosen = CHOICE.fullmatch(of_it)
    told = under(*chosen.groups()) if chosen else plainly(of_it)
    return str(SUM.filled(of=term_in_words(listed), amount=told)) if told and has_a_word(listed) else ""


def under(one: str, sign: str, other: str, amount: str) -> str:
    """An amount that counts only where the one is as much as the sign says."""
    said = [plainly(each) for each in (one, other, amount)]
    return str(WHERE.filled(one=said[0], other=said[1], amount=said[2], sign=sign)) if all(said) else ""


def plainly(formula: str) -> str:
    """Names and signs alone; empty where there is more to it."""
    terms = NAME.findall(formula)
    if not SIGNS.fullmatch(NAME.sub("", formula)) or not all(map(has_a_word, terms)):
        return ""
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
