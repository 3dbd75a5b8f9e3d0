"""What stands as it was? The judge's own memory says so, without the history being heard once more.

It hears only what has come since the memory was written down. Where the question is about an earlier day, where a fact could
not be read, or where the memory does not agree with itself, it declines, and the history is replayed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import fetch
from chassis.instants import moment
from services.accountability.judge import conclusions, first_cause
from services.accountability.judge.conclusions import Conclusion
from services.accountability.judge.evidence import Tick
from services.accountability.judge.judge import hear_new, judge
from services.accountability.judge.snapshot import BY_CASE, beside, dump, dump_case, needs
from services.accountability.judge.state import COMPANY, Case, State
from services.accountability.memory import Files, papers
from services.accountability.models import JudgeSnapshot
from services.accountability.what_if.reading import Place, pieces
from services.accountability.what_if.replaying import Due, Found, dues_of
from services.accountability.what_if.sifting import can_sift
from services.accountability.what_if.supposing import Supposition

PAGE = 500
TROUBLED = """
SELECT order_no FROM judge_cases WHERE settled AND troubled AND order_no > $1 ORDER BY order_no LIMIT $2
"""
UNTROUBLED = """
SELECT order_no, body FROM judge_cases WHERE settled AND NOT troubled AND order_no > $1 ORDER BY order_no LIMIT $2
"""
COUNT = "SELECT count(*) FROM judge_cases WHERE settled AND NOT troubled"
COUNTERSIGNED = "SELECT EXISTS (SELECT FROM countersignatures)"
LINKED = "SELECT order_no, needs || linked AS others FROM judge_cases WHERE settled AND needs || linked <> '{}'"
UNKNOWN = "SELECT EXISTS (SELECT FROM judge_cases WHERE settled AND linked IS NULL)"
NAMED = """
SELECT DISTINCT order_no FROM judge_case_names JOIN judge_cases USING (order_no) WHERE settled AND name = ANY($1)
"""


class Recollection:
    """Every record and suspicion that stands in the judge's memory, and which orders hang together in it.

    `troubled`: the orders in which something was wrong at any time.
    """

    def __init__(self, session: AsyncSession, state: State) -> None:
        self.session, self.state = session, state
        self.found: dict[str, Found] = {}
        self.troubled: set[str] = set()

    async def links(self) -> dict[str, list[str]]:
        """With which others the facts of each order had to do."""
        settled = {row["order_no"]: list(row["others"]) for row in await fetch(self.session, LINKED)}
        at_hand = {case.order_no: [*case.linked, *needs(self.state, case)] for case in self.state.cases.values()}
        return settled | {order_no: others for order_no, others in at_hand.items() if others}

    @property
    def concerned(self) -> set[str]:
        """The orders about which facts of no order say something."""
        return self.state.index.shared

    async def can_be_sifted(self, supposition: Supposition) -> bool:
        """Whether the papers of its cases say in which of them something might stand under what is supposed."""
        countersigned = (await fetch(self.session, COUNTERSIGNED))[0][0]
        return can_sift(self.state, supposition, countersigned=countersigned)

    def company(self) -> bytes:
        """The memory without its cases."""
        return dump(self.state, without=BY_CASE)

    async def length(self) -> int:
        """How many cases were never in trouble."""
        return int((await fetch(self.session, COUNT))[0][0]) + len(self.state.cases)

    async def untroubled(self) -> AsyncIterator[list[bytes]]:
        """The papers of all other cases, some at a time."""
        said = {*self.troubled, COMPANY}
        at_hand = [case for case in self.state.cases.values() if case.order_no not in said]
        for start in range(0, len(at_hand), PAGE):
            yield [dump_case(self.state, case) for case in at_hand[start : start + PAGE]]
        last = ""
        while rows := await fetch(self.session, UNTROUBLED, last, PAGE):
            last = rows[-1]["order_no"]
            yield [row["body"] for row in rows if row["order_no"] not in self.state.cases]

    async def dues(self, asked: Iterable[str]) -> Mapping[str, Due]:
        """When these were due, by the names that breaches use for attempts."""
        names = sorted({about.partition("#")[0] for about in asked})
        orders = [row["order_no"] for row in await fetch(self.session, NAMED, names)]
        known = (await with_settled(self.session, self.state, orders)).duties
        return {about: due for name in names if name in known for about, due in dues_of(known[name])}


async def recall(session: AsyncSession, until: datetime) -> Recollection | None:
    """In a transaction that sees the database at one moment; None where the memory cannot say."""
    files = Files()
    state, snapshot = await files.load(session), await session.scalar(select(JudgeSnapshot))
    if snapshot is None or snapshot.admitted is None or snapshot.admitted >= until:
        return None
    if (await fetch(session, UNKNOWN))[0][0]:
        return None
    await catch_up(
        session, files, state, (snapshot.admitted, snapshot.source, snapshot.epoch, snapshot.sequence), until
    )
    recalled, agrees = Recollection(session, state), not state.held
    async for whole, case in cases(session, state):
        recalled.troubled.add(case.order_no)
        called_for = conclusions.conclusions(whole, case, list(first_cause.missed_dates(whole, case)))
        recalled.found.update({each.key: found_in(case, each) for each in called_for})
        agrees = agrees and has_said(case, called_for)
    return recalled if agrees else None


async def catch_up(session: AsyncSession, files: Files, state: State, place: Place, until: datetime) -> None:
    """Hear what has come since the memory was written down."""
    async for entries in pieces(session, until, place):
        await files.at_hand(session, state, entries)
        for entry in entries:
            hear_new(state, entry)
    judge(state, Tick(until))


async def cases(session: AsyncSession, state: State) -> AsyncIterator[tuple[State, Case]]:
    """Every case in which something may stand, with a state in which all that it needs is at hand."""
    for case in state.cases.values():
        if case.troubled or case.standing:
            yield state, case
    last = ""
    while rows := await fetch(session, TROUBLED, last, PAGE):
        last = rows[-1]["order_no"]
        orders = [row["order_no"] for row in rows if row["order_no"] not in state.cases]
        whole = await with_settled(session, state, orders)
        for order_no in orders:
            yield whole, whole.cases[order_no]


async def with_settled(session: AsyncSession, state: State, orders: Iterable[str]) -> State:
    """The state and beside it these settled cases, with what they need; what it has at hand is newer."""
    found = await papers(session, {*orders} - state.cases.keys())
    return beside(state, (body for order_no, body in found.items() if order_no not in state.cases))


def has_said(case: Case, called_for: list[Conclusion]) -> bool:
    """Whether the judge has said of a case what it would say now."""
    said = {key: standing.signature for key, standing in case.standing.items()}
    return said == {each.key: each.signature for each in called_for}


def found_in(case: Case, conclusion: Conclusion) -> Found:
    """A conclusion as a replay would have found it."""
    person = conclusion.person
    sanction = conclusion.sanction if person else None
    return Found(
        key=conclusion.key,
        clause=conclusion.latest.clause.code,
        order_no=case.order_no,
        person=person.employee if person else None,
        post=person.post if person else None,
        sanction=str(sanction) if sanction else None,
        amount=conclusion.compensation.amount if conclusion.compensation else None,
        breaches=tuple(charge.about for charge in conclusion.charges),
        at=moment(conclusion.latest.at),
    )
