"""How is a replay shared out among processes? By order: whatever has to do with each other is replayed together.

Facts of no order are heard by all; what they show is told by the first share alone, which has every order that concerns them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from services.accountability.judge.state import COMPANY


@dataclass(frozen=True, slots=True)
class Share:
    """One of `of` parts of all orders: those whose number falls to it, with the orders `brought` and without those `taken`.

    Whether it has every order that concerns the company is `company`; the first one does.
    """

    number: int = 0
    of: int = 1
    brought: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    company: bool = False

    @property
    def is_first(self) -> bool:
        return self.number == 0

    @property
    def tells_of_no_order(self) -> bool:
        """Whether what it finds of no order is all that there is to find."""
        return self.is_first or self.company

    def has(self, order_no: str) -> bool:
        """As the query of the ledger has it."""
        return order_no in self.brought or (falls_to(order_no, self.of) == self.number and order_no not in self.taken)


def falls_to(order_no: str, of: int) -> int:
    return sha256(order_no.encode()).digest()[0] % of


def alone(links: Mapping[str, Iterable[str]], concerned: Iterable[str], orders: Iterable[str]) -> Share:
    """A share of these orders and of all that hang together with them; nothing else falls to it.

    Where what is of no order is asked for, `COMPANY`, with those that `concerned` names.
    """
    groups, wanted = grouped(links), set(orders)
    company = COMPANY in wanted
    wanted |= set(concerned) if company else set()
    brought = {each for order_no in wanted for each in groups.get(order_no, {order_no})}
    return Share(number=1, of=1, brought=tuple(sorted(brought - {COMPANY})), company=company)


def share_out(links: Mapping[str, Iterable[str]], concerned: Iterable[str], of: int) -> list[Share]:
    """The shares in which no order is parted from one it is linked with, nor one that `concerned` names from the company."""
    groups = grouped(links)
    first = {order_no for each in concerned for order_no in groups.get(each, {each})}
    where = {order_no: falls_to(min(group), of) for order_no, group in groups.items()} | dict.fromkeys(first, 0)
    moved = {order_no: share for order_no, share in where.items() if share != falls_to(order_no, of)}
    return [
        Share(
            number,
            of,
            tuple(sorted(order_no for order_no, share in moved.items() if share == number)),
            tuple(sorted(order_no for order_no in moved if falls_to(order_no, of) == number)),
        )
        for number in range(of)
    ]


def grouped(links: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Of every order that is linked with another, all that hang together with it."""
    groups: dict[str, set[str]] = {}
    for order_no, others in links.items():
        for other in others:
            one, two = (groups.get(name, {name}) for name in (order_no, other))
            if one is not two or len(one) == 1:
                whole = one | two
                groups.update(dict.fromkeys(whole, whole))
    return groups
