"""Which clauses may one take in for the same failure? Lighter ones, and never one that takes it in itself.

Of two that took in each other neither would stand, and of a heavier one taken in by a lighter the lighter alone. Clauses of
money alone are neither lighter nor heavier.
"""

from collections.abc import Iterator, Mapping

from chassis.language import Label, word
from contracts.accountability import SEVERITY, Sanction
from services.accountability.rules.mistakes import Mistake
from services.accountability.rules.rulebook import ClauseRule, RulebookText

ITSELF = Label(
    "{code} 不能并入自己,否则它的违反都会消失;请去掉",
    "{code} cannot take in itself, no breach of it would stand; leave it out",
)
EACH_OTHER = Label(
    "{code} 与 {other} 互相并入,两者都会消失;请去掉其中一处",
    "{code} and {other} take in each other, and neither would stand; leave one of them out",
)
HEAVIER = Label(
    "{code} 只是{weighs},不能并入可重至{other_weighs}的 {other};请反过来写,或去掉",
    "{code} weighs {weighs} and cannot take in {other}, which weighs up to {other_weighs}; write it the other way round, or "
    "leave it out",
)


def absorbing_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """What a draft may not say; in a rulebook in force it stands."""
    clauses = {clause.code: clause for clause in text.clauses}
    for index, clause in enumerate(text.clauses):
        for code in clause.absorbs:
            told = _wrong(clause, clauses[code], clauses)
            if told:
                yield ("clauses", index, "absorbs"), told


def _wrong(heavy: ClauseRule, light: ClauseRule, clauses: Mapping[str, ClauseRule]) -> Label | None:
    if light is heavy:
        return ITSELF.filled(code=heavy.code)
    if heavy.code in taken_in(light, clauses):
        return EACH_OTHER.filled(code=heavy.code, other=light.code)
    if heavy.sanction and light.sanction and SEVERITY.index(heavy.sanction) < SEVERITY.index(heaviest(light)):
        weighs = {"weighs": word(heavy.sanction), "other_weighs": word(heaviest(light))}
        return HEAVIER.filled(code=heavy.code, other=light.code, **weighs)
    return None


def heaviest(clause: ClauseRule) -> Sanction:
    """What whoever finds it may choose at most; without a choice its sanction."""
    assert clause.sanction is not None
    return clause.finding.sanctions[-1] if clause.finding and clause.finding.sanctions else clause.sanction


def taken_in(clause: ClauseRule, clauses: Mapping[str, ClauseRule]) -> frozenset[str]:
    """The clauses that it takes in, and those that they take in, however far."""
    found, waiting = set[str](), [*clause.absorbs]
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(clauses[code].absorbs)
    return frozenset(found)
