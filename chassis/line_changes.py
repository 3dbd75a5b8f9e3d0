"""Which lines does an amendment take off an order, and which does it bring back? For departments that keep no lines."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineChange:
    """What an amendment changes: `known` are all lines that the order ever had, `off` those that are off it from then on."""

    lost: tuple[int, ...]
    back: tuple[int, ...]
    known: list[int]
    off: list[int]


def line_change(known: Collection[int], off: Collection[int], named: Collection[int], *, newest: bool) -> LineChange:
    """An amendment names the lines that are wanted; one that a newer one overtook only shows lines that came and went."""
    wanted = named if newest else {*known} - {*off}
    every = sorted({*known, *named})
    now_off = [line_no for line_no in every if line_no not in wanted]
    lost = tuple(line_no for line_no in now_off if line_no not in off)
    return LineChange(lost, tuple(line_no for line_no in sorted(off) if line_no in wanted), every, now_off)
