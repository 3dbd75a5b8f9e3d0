"""What would an export of one case hold, and what does the judge say of the case?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.accountability.judge.evidence import Entry
from services.accountability.judge.verdicts import Verdict
from services.accountability.proof.outline import is_frame
from services.accountability.proof.packing import Asked
from services.accountability.proof.rejudging import judged
from services.accountability.proof.selection import Selection


def selected(entries: Collection[Entry], asked: Asked, cited: Collection[int] = ()) -> list[Entry]:
    """The facts that an export of this case would hold in full."""
    selection, rest = Selection(asked.person), list[Entry]()
    for entry in entries:
        if entry.fact.get("subject") in asked.orders or entry.position in cited:
            selection.own(entry.position, entry.fact)
        else:
            rest.append(entry)
    for entry in rest:
        if entry.fact.get("subject") is None:
            selection.company(entry.position, entry.fact, frame=is_frame(entry.fact["type"]))
        else:
            selection.others(entry.position, entry.fact)
    positions = selection.settle()
    return [entry for entry in entries if entry.position in positions]


def about(verdicts: list[Verdict], asked: Asked, came: Collection[int] = ()) -> tuple[Any, ...]:
    found = judged(verdicts, asked, came)
    withdrawn = {name: why for name, why in found.withdrawn.items() if name in {*found.records, *found.suspicions}}
    return found.records, found.suspicions, found.missed, withdrawn
