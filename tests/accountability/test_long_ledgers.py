"""Neither an export nor its verification holds a ledger: both pass by it, and keep what the case needs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from services.accountability.proof import chains, mentions, outline
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Asked
from services.accountability.proof.progress import Progress
from services.accountability.proof.selection import Selection
from tests.accountability.selecting import selected
from tests.support.facts import a_story
from tests.support.orders import an_order

SHORT, LONG = 2_000, 20_000
MIB = 1 << 20


@dataclass(frozen=True)
class Outline:
    """An outline of any length, made as it is read."""

    length: int

    def __iter__(self) -> Iterator[bytes]:
        value, hash_ = outline.BEFORE_THE_FIRST, bytes(32)
        for place in range(1, self.length + 1):
            hash_ = sha256(hash_).digest()
            line = Line(place, "sales", 1, place, "", f"SO-{place}", "2026-03-02T00:00:00+00:00", hash_, hash_, hash_)
            (text,), value = outline.written([line], value)
            yield text.removesuffix(b"\n")


def most_memory(work: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("signed", [0, 1], ids=["to the end", "to an end that is not there"])
def test_an_outline_ten_times_as_long_is_followed_in_the_same_memory(signed: int) -> None:
    def follow(length: int) -> None:
        followed = chains.follow(Outline(length), length + signed)
        assert (followed.count, followed.difference is None) == (length, not signed)

    follow(SHORT)
    assert most_memory(lambda: follow(LONG)) < most_memory(lambda: follow(SHORT)) + MIB // 4


def test_facts_that_touch_nothing_are_not_held_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "PAGE", 500)

    def select(count: int) -> None:
        selection = Selection()
        selection.own(1, a_fact(1, "a"))
        for position in range(2, count):
            selection.others(position, a_fact(position, f"b{position}"))
        selection.others(count, a_fact(count, "a"))
        assert selection.settle() == {1, count}

    select(SHORT)
    assert most_memory(lambda: select(LONG)) < most_memory(lambda: select(SHORT)) + MIB // 4


def a_fact(position: int, key: str) -> dict[str, Any]:
    return {"id": f"{position:032}", "source": "pmc", "data": {"closes": [{"link": "operation", "key": key}]}}


def test_a_case_is_the_same_from_pages_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    story = a_story()
    an_order(story, "SO-1", takes={"notice": 30})
    an_order(story, "SO-2")
    asked, whole = Asked(orders=("SO-1",)), selected(story.entries(), Asked(orders=("SO-1",)))
    for size in (1, 2, 7):
        monkeypatch.setattr(mentions, "PAGE", size)
        assert selected(story.entries(), asked) == whole


def test_a_long_way_is_told_and_a_short_one_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("read", every_s=3600)(1, 2)
    assert capsys.readouterr().err == ""

    Progress("read", every_s=0)(250_000, 1_000_000)
    assert capsys.readouterr().err == "250,000 of 1,000,000 facts read (25 %)\n"
