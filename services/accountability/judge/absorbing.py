"""Which records take in others for the same failure, and which of those that would take in each other stays?

A draft that lets clauses take in each other is refused. A rulebook may long have said so, and so may two versions together of which
each is sound. Somebody answers for the failure all the same: the heavier record stays, of two alike the first by code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.accountability import SEVERITY

if TYPE_CHECKING:  # conclusions ask this module
    from services.accountability.judge.conclusions import Conclusion


Takes = Mapping[str, set[str]]
"""For a record's key, the keys of those that it takes in."""


def absorb(found: Sequence[Conclusion]) -> list[Conclusion]:
    """Leave out what a heavier clause against the same person takes in for the same failure, and say so there."""
    by_key = {one.key: one for one in found}
    left, taken = {one.key: one.charges for one in found}, dict[str, set[str]]()
    for heavy, lights in taking(found).items():
        failures = by_key[heavy].failures
        for light in lights:
            rest = tuple(charge for charge in left[light] if not charge.failures & failures)
            if len(rest) < len(left[light]):
                taken.setdefault(heavy, set()).add(by_key[light].latest.clause.code)
            left[light] = rest
    return [
        replace(one, charges=left[one.key], absorbed=tuple(sorted(taken.get(one.key, ()))))
        for one in found
        if left[one.key]
    ]


def taking(found: Sequence[Conclusion]) -> Takes:
    """Who takes in whom, so that nobody is taken in by what it takes in itself, however far around.

    Around such a ring each takes in the lighter ones, whichever of them its clause names; the heaviest comes first.
    """
    said = {one.key: set(_taken_in(one, found)) for one in found if one.latest.clause.absorbs}
    reach = {key: _reach(key, said) for key in said}
    if not any(key in reached for key, reached in reach.items()):
        return said
    rings = {key: {other for other in reach[key] if key in reach.get(other, ())} for key in said}
    weight = {one.key: _weight(one) for one in found}
    return {
        key: (said[key] - rings[key]) | {other for other in rings[key] if weight[key] < weight[other]}
        for key in sorted(said, key=weight.__getitem__)
    }


def _taken_in(heavy: Conclusion, found: Sequence[Conclusion]) -> Iterator[str]:
    """As the clauses say; a clause is never said to take in itself, which is neither lighter nor heavier."""
    clause, failures = heavy.latest.clause, heavy.failures
    for light in found:
        code = light.latest.clause.code
        if code in clause.absorbs and code != clause.code and _same_person(heavy, light) and failures & light.failures:
            yield light.key


def _reach(key: str, said: Takes) -> set[str]:
    found, waiting = set[str](), [key]
    while waiting:
        new = said.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


def _weight(one: Conclusion) -> tuple[int, str, str]:
    """The heaviest first; what is of money alone weighs least."""
    heaviness = -1 if one.sanction is None else SEVERITY.index(one.sanction)
    return -heaviness, one.latest.clause.code, one.key


def _same_person(heavy: Conclusion, light: Conclusion) -> bool:
    return heavy.person is not None and light.person is not None and heavy.person.employee == light.person.employee
