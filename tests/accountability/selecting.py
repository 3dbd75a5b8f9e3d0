"""What would an export of one case hold, and what does the judge say of the case?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from services.accountability.judge.evidence import Entry
from services.accountability.judge.verdicts import RecordProposal, Suspected, Verdict
from services.accountability.proof.packing import Asked
from services.accountability.proof.reading import Own, show
from services.accountability.proof.rejudging import judged
from services.accountability.proof.selection import Selection


def selected(entries: Collection[Entry], asked: Asked, cited: Collection[int] = ()) -> list[Entry]:
    """The facts that an export of this case would hold in full."""
    selection, own = Selection(asked.person), Own(asked, frozenset(cited))
    for entry in entries:
        show(selection, own, entry.position, entry.admitted, entry.fact)
    positions = selection.settle()
    return [entry for entry in entries if entry.position in positions]


def of_a_day(entries: Collection[Entry], whole: Collection[Verdict], day: date) -> tuple[Asked, set[int], set[int]]:
    """What an export of a day is about, the facts that came in it, and those on which what is of no order rests."""
    asked = Asked(orders=(), since=str(day), until=str(day))
    since, until = asked.days
    came = {entry.position for entry in entries if since <= entry.admitted < until}
    orders = {entry.fact["subject"] for entry in entries if entry.position in came and entry.fact.get("subject")}
    of_none = [each for each in whole if isinstance(each, RecordProposal | Suspected) and not each.order_no]
    cited = [{proof.position for proof in each.evidence} for each in of_none]
    return (
        asked.model_copy(update={"orders": tuple(sorted(orders))}),
        came,
        set().union(*(c for c in cited if c & came)),
    )


def about(verdicts: list[Verdict], asked: Asked, came: Collection[int] = ()) -> tuple[Any, ...]:
    found = judged(verdicts, asked, came)
    withdrawn = {name: why for name, why in found.withdrawn.items() if name in {*found.records, *found.suspicions}}
    return found.records, found.suspicions, found.missed, withdrawn
