"""What stands as it was? The judge's own memory says so, without the history being heard once more.

It hears only what has come since the memory was written down. Where a fact could not be read, where the memory was written
after the moment in question, or where it does not agree with itself, it declines, and the history is replayed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import fetch
from services.accountability.judge.evidence import Tick
from services.accountability.judge.judge import hear_new, judge
from services.accountability.judge.snapshot import BY_CASE, beside, dump, dump_case, needs
from services.accountability.judge.state import Case, State
from services.accountability.memory import Files, papers
from services.accountability.models import JudgeSnapshot
from services.accountability.what_if.reading import Place, pieces
from services.accountability.what_if.reckoning import called_for, can_be_reckoned
from services.accountability.what_if.replaying import Due, Found, dues_in, found_in, handovers_of
from services.accountability.what_if.supposing import Supposition

PAGE = 50
"""Orders whose papers are looked at together: some 1.5 MiB as JSON, some ten times that as objects."""

SETTLED = """
SELECT order_no, troubled, needs, body FROM judge_cases
WHERE settled AND (troubled OR $3) AND order_no > $1 ORDER BY order_no LIMIT $2
"""
COUNT = "SELECT count(*) FROM judge_cases WHERE settled"
COUNTERSIGNED = "SELECT EXISTS (SELECT FROM countersignatures)"
LINKED = "SELECT order_no, needs || linked AS others FROM judge_cases WHERE settled AND needs || linked <> '{}'"
UNKNOWN = "SELECT EXISTS (SELECT FROM judge_cases WHERE settled AND linked IS NULL)"
NAMED = """
SELECT DISTINCT order_no FROM judge_case_names JOIN judge_cases USING (order_no) WHERE settled AND name = ANY($1)
"""


class Bundle(NamedTuple):
    """Some settled orders or handovers in them, with the papers of these orders and of those that they waited for."""

    about: Sequence[str]
    papers: list[bytes]


class Closely(NamedTuple):
    """Some orders and handovers that are looked at once more, with the papers of all."""

    orders: Sequence[str]
    names: Sequence[str]
    papers: list[bytes]


class Recollection:
    """The judge's memory at a moment; once it has been concluded, `found` is what stands in it, and `dues` what was asked.

    It `agrees` as long as every case calls for what the judge has said of it.
    """

    def __init__(self, session: AsyncSession, state: State) -> None:
        self.session, self.state = session, state
        self.found: dict[str, Found] = {}
        self.dues: dict[str, Due] = {}
        self.agrees = not state.held

    async def can_be_reckoned(self, supposition: Supposition) -> bool:
        """Whether it also says what would be under what is supposed."""
        countersigned = (await fetch(self.session, COUNTERSIGNED))[0][0]
        return can_be_reckoned(self.state, supposition, countersigned=countersigned)

    def company(self) -> tuple[bytes, list[bytes]]:
        """The memory but for its cases, and the papers of those at hand."""
        return dump(self.state, without=BY_CASE), [dump_case(self.state, case) for case in self.state.cases.values()]

    async def length(self) -> int:
        """How many cases are settled."""
        return int((await fetch(self.session, COUNT))[0][0])

    async def concluded(self, *, every: bool) -> AsyncIterator[Bundle]:
        """Conclude case by case what stands; on the way the settled ones are passed on, every one or the troubled ones."""
        for case in self.state.cases.values():
            if case.troubled or case.standing:
                self._conclude(self.state, case)
        last = ""
        while self.agrees and (rows := await fetch(self.session, SETTLED, last, PAGE, every)):
            last = rows[-1]["order_no"]
            settled = [row for row in rows if row["order_no"] not in self.state.cases]
            await self._conclude_settled([row["order_no"] for row in settled if row["troubled"]])
            yield await self._bundle(settled)

    async def _bundle(self, rows: Sequence[Mapping[str, Any]]) -> Bundle:
        known = {row["order_no"]: row["body"] for row in rows}
        more = await self._papers({order_no for row in rows for order_no in row["needs"]} - known.keys())
        return Bundle(list(known), [*known.values(), *(body for no, body in more.items() if no not in known)])

    async def _papers(self, orders: Iterable[str]) -> dict[str, bytes]:
        """Of these orders and of what they waited for; what is at hand is newer than its paper."""
        wanted = set(orders) - self.state.cases.keys()
        found = await papers(self.session, wanted) if wanted else {}
        return {order_no: body for order_no, body in found.items() if order_no not in self.state.cases}

    async def _conclude_settled(self, orders: Sequence[str]) -> None:
        whole = beside(self.state, (await self._papers(orders)).values())
        for order_no in orders:
            self._conclude(whole, whole.cases[order_no])

    def _conclude(self, state: State, case: Case) -> None:
        calls_for = called_for(state, case)
        self.found.update({each.key: found_in(case, each) for each in calls_for})
        said = {key: standing.signature for key, standing in case.standing.items()}
        self.agrees = self.agrees and said == {each.key: each.signature for each in calls_for}

    async def links(self) -> dict[str, list[str]] | None:
        """With which others the facts of each order had to do; None where that was not noted of all."""
        if (await fetch(self.session, UNKNOWN))[0][0]:
            return None
        settled = {row["order_no"]: list(row["others"]) for row in await fetch(self.session, LINKED)}
        at_hand = {case.order_no: [*case.linked, *needs(self.state, case)] for case in self.state.cases.values()}
        return settled | {order_no: others for order_no, others in at_hand.items() if others}

    @property
    def concerned(self) -> set[str]:
        """The orders about which facts of no order say something."""
        return self.state.index.shared

    async def dues_of(self, names: Sequence[str]) -> AsyncIterator[Bundle]:
        """Note when the attempts at these handovers were due, some after some; on the way their papers are passed on."""
        for start in range(0, len(names), PAGE):
            some = names[start : start + PAGE]
            bundle = Bundle(some, list((await self._papers(await self._having(some))).values()))
            self.dues.update(dues_in(beside(self.state, bundle.papers), some))
            yield bundle

    async def closely(self, found: Sequence[Found]) -> AsyncIterator[Closely]:
        """The orders of these records and the handovers that they name, some after some; `dues` stay as they are."""
        for start in range(0, len(found), PAGE):
            some = found[start : start + PAGE]
            orders, names = (
                sorted({each.order_no for each in some}),
                handovers_of(chain(*(each.breaches for each in some))),
            )
            papers = await self._papers({*orders, *await self._having(names)})
            yield Closely(orders, names, list(papers.values()))

    async def _having(self, names: Sequence[str]) -> list[str]:
        """The settled orders in which these handovers are."""
        return [row["order_no"] for row in await fetch(self.session, NAMED, names)]


async def recall(session: AsyncSession, until: datetime) -> Recollection | None:
    """In a transaction that sees the database at one moment; None where the memory cannot say."""
    files = Files()
    state, snapshot = await files.load(session), await session.scalar(select(JudgeSnapshot))
    if snapshot is None or snapshot.admitted is None or snapshot.admitted >= until:
        return None
    place = (snapshot.admitted, snapshot.source, snapshot.epoch, snapshot.sequence)
    await catch_up(session, files, state, place, until)
    recalled = Recollection(session, state)
    return recalled if recalled.agrees else None


async def catch_up(session: AsyncSession, files: Files, state: State, place: Place, until: datetime) -> None:
    """Hear what has come since the memory was written down."""
    async for entries in pieces(session, until, place):
        await files.at_hand(session, state, entries)
        for entry in entries:
            hear_new(state, entry)
    judge(state, Tick(until))
