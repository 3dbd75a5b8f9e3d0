"""Against whom do the facts of an export hold something, and which paper says so? They learn that it was taken out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from contracts.engineering import MissingDocumentDecided, PackageReleased
from contracts.event import SYSTEM_ACTOR
from contracts.pmc import ComplaintAttributed, InjuryInvestigated
from contracts.purchasing import PurchaseBreachConfirmed
from contracts.quality import CauseFound, UninspectedUseConfirmed
from services.accountability.proof.outline import JUDGE
from services.accountability.proof.packing import Body

DEPARTMENTS = {
    ComplaintAttributed.name: ("attribution_no", ("person", "inspector")),
    CauseFound.name: ("complaint_no", ("inspector",)),
    PurchaseBreachConfirmed.name: ("breach_no", ("ordered_by",)),
    UninspectedUseConfirmed.name: ("case_no", ("bypassed_by",)),
    InjuryInvestigated.name: ("investigation_no", ("breached_by",)),
}
"""What departments hold against somebody: the paper's number, and who is named for it, one person or several."""
JUDGES = ("finding_no", "clearing_no", "compensation_no", "record_no")
"""Of the judge's own facts about a person the paper is the first of these."""


def held_against(bodies: Iterable[Body]) -> set[tuple[str, str]]:
    """Numbers of papers, each with a person whom it is about."""
    found, releasers = set[tuple[str, str]](), dict[str, str]()
    for body in bodies:
        fact = orjson.loads(body.bytes)
        if fact["type"] == PackageReleased.name:
            releasers[fact["data"]["package_no"]] = fact["data"]["released_by"]
        found.update(said_of(fact, releasers))
    return {(no, person) for no, person in found if person != SYSTEM_ACTOR}


def said_of(fact: Mapping[str, Any], releasers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What one fact holds against whom; for a missing document answers whoever released its package."""
    kind, data = fact["type"], fact["data"]
    if fact["source"] == JUDGE and data.get("person"):
        no = next((data[name] for name in JUDGES if data.get(name)), None)
        if no is not None:
            yield no, data["person"]
    elif kind in DEPARTMENTS:
        number, people = DEPARTMENTS[kind]
        yield from ((data[number], person) for name in people for person in each_of(data.get(name)))
    elif kind == MissingDocumentDecided.name and data["confirmed"] and data["package_no"] in releasers:
        yield data["report_no"], releasers[data["package_no"]]


def each_of(named: str | Sequence[str] | None) -> Sequence[str]:
    return (named,) if isinstance(named, str) else named or ()
