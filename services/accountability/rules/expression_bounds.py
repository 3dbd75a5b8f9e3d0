"""What does an expression come to at most? So much of each figure that it names, however the evidence fills these in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple


class Leaf(NamedTuple):
    """A recorded figure by its path, `fact.waste.unit_cost`; of a list, all its items together."""

    path: str
    money: bool = False


NONE, WHOLE = Fraction(0), Fraction(1)
ONE = Leaf("")
"""What plain numbers are shares of."""


@dataclass(frozen=True, slots=True)
class Bound:
    """At most the `shares` of recorded figures together, at least the number `least`; what is None is not known.

    What is recorded, an amount or a quantity, is never below zero: a share of it bounds every part of that share.
    """

    shares: Mapping[Leaf, Fraction] | None = None
    least: Fraction | None = None

    def of(self, leaf: Leaf) -> Fraction:
        return (self.shares or {}).get(leaf, NONE)

    @property
    def number(self) -> Fraction | None:
        """The one number that this is, where it is one."""
        return self.least if self.is_plain and self.least == self.of(ONE) else None

    @property
    def is_plain(self) -> bool:
        """Whether no recorded figure is in it."""
        return self.shares is not None and self.shares.keys() <= {ONE}

    @property
    def money(self) -> bool:
        return any(leaf.money for leaf in self.shares or ())

    @property
    def part(self) -> Fraction:
        """As how much of something else this counts, as a factor."""
        shares = [share for leaf, share in (self.shares or {}).items() if leaf != ONE]
        return max(shares, default=NONE) + max(self.of(ONE), NONE)


UNKNOWN = Bound()


def number(plain: int) -> Bound:
    return Bound({ONE: Fraction(plain)}, Fraction(plain))


def lowest(bounds: Iterable[Bound]) -> Fraction | None:
    """Below which none of these is."""
    known = [each.least for each in bounds]
    least = [each for each in known if each is not None]
    return min(least) if least and len(least) == len(known) else None


def not_below_zero(bounds: Iterable[Bound]) -> Fraction | None:
    """Zero, where none of these is below it."""
    return None if (least := lowest(bounds)) is None or least < 0 else NONE


def together(bounds: Iterable[Bound]) -> Bound:
    """The sum of these."""
    shares, least = dict[Leaf, Fraction](), list[Fraction | None]()
    for each in bounds:
        if each.shares is None:
            return UNKNOWN
        shares |= {leaf: shares.get(leaf, NONE) + share for leaf, share in each.shares.items()}
        least.append(each.least)
    known = [each for each in least if each is not None]
    return Bound(shares, sum(known, NONE) if len(known) == len(least) else None)


def less(one: Bound, other: Bound) -> Bound:
    """What is left of one; what may be below zero would add to it."""
    if other.least is None:
        return UNKNOWN
    return together([one, Bound({ONE: -other.least}, -other.of(ONE) if other.is_plain else None)])


def either(one: Bound, other: Bound) -> Bound:
    if one.shares is None or other.shares is None:
        return UNKNOWN
    shares = {leaf: max(one.of(leaf), other.of(leaf)) for leaf in {*one.shares, *other.shares}}
    return Bound(shares, lowest([one, other]))


def scaled(one: Bound, by: Fraction) -> Bound:
    """So many times this; `by` is not below zero."""
    if one.shares is None:
        return UNKNOWN
    shares = {leaf: share * by for leaf, share in one.shares.items()}
    return Bound(shares, None if one.least is None else one.least * by)


def product(one: Bound, other: Bound) -> Bound:
    """An amount times a quantity or a share that the evidence states is taken for what was recorded, as often as it is stated."""
    for amount, by in ((one, other), (other, one)):
        if by.number is not None:
            return scaled(amount, by.number) if by.number >= 0 else UNKNOWN
    amount, by = (one, other) if one.money or other.of(ONE) > 0 else (other, one)
    below_zero = not_below_zero([one]) is None and not_below_zero([other]) is None
    if amount.shares is None or by.shares is None or by.money or amount.of(ONE) > 0 or below_zero:
        return UNKNOWN
    shares = {leaf: share * by.part for leaf, share in amount.shares.items() if leaf != ONE}
    return Bound(shares, not_below_zero([one, other]))


def quotient(one: Bound, other: Bound) -> Bound:
    """Divided by a number, or by a quantity that the evidence states."""
    by = other.part if other.number is None else other.number
    stated = (
        other.shares is not None and len(other.shares) == 1 and not other.money and not_below_zero([other]) is not None
    )
    return scaled(one, 1 / by) if by > 0 and (other.number is not None or (stated and not other.is_plain)) else UNKNOWN


def listed(bounds: Iterable[Bound]) -> Bound:
    """A list of these: all of them together, or any."""
    items = list(bounds)
    if any(each.shares is None for each in items):
        return UNKNOWN
    above = [Bound({**(each.shares or {}), ONE: max(each.of(ONE), NONE)}) for each in items]
    return Bound(together(above).shares, not_below_zero(items) if items else NONE)


def repeated(one: Bound, variable: str, path: str | None, items: Bound) -> Bound:
    """What a loop over a list makes of its items; what is not an item's own would be counted once for each of them."""
    if one.shares is None or one.of(ONE) > 0 or items.of(ONE) > 0:
        return UNKNOWN
    found = list[Bound]()
    for leaf, share in one.shares.items():
        if leaf.path == variable:
            found.append(scaled(items, share))
        elif leaf.path.startswith(f"{variable}.") and path is not None:
            found.append(Bound({Leaf(path + leaf.path.removeprefix(variable), leaf.money): share}))
        elif leaf != ONE and share > 0:
            return UNKNOWN
    return replace(listed(found), least=not_below_zero([one]))
