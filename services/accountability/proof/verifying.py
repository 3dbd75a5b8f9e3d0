"""Is this export what happened? Nothing of the running system is asked: the file, the given fingerprints, and the judge's rules."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.accountability.proof import chains, comparing, contents, rejudging, seals
from services.accountability.proof.chains import Followed, Sought
from services.accountability.proof.differences import Difference
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Export
from services.accountability.proof.seals import Doubt, Trusted, Vouched
from services.accountability.proof.statements import Checkpoint, SignedCheckpoint

NAMED = 40
"""More orders are counted, not listed."""


@dataclass
class Report:
    """What was checked and found in order, what else is worth knowing, and what is wrong, if anything is."""

    checked: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    difference: Difference | None = None
    doubt: str = ""

    @property
    def passed(self) -> bool:
        return self.difference is None and not self.doubt


def verify(
    export: Export,
    given: Collection[Vouched],
    kept: Sequence[SignedCheckpoint] = (),
    told: Callable[[int, int], None] | None = None,
    unsigned: Collection[str] = (),
) -> Report:
    """Check everything that can be checked, until something is wrong; `told` hears how many lines of how many were read.

    `unsigned`: of which services it is known that not all of their facts can be signed, because they were restored or retired.
    """
    report = Report()
    try:
        _verify(export, Trusted.of(export.manifest.keys, given, unsigned), kept, report, told)
    except Doubt as doubt:
        report.doubt = str(doubt)
    return report


def _verify(
    export: Export,
    trusted: Trusted,
    kept: Sequence[SignedCheckpoint],
    report: Report,
    told: Callable[[int, int], None] | None,
) -> None:
    checkpoints = seals.read_checkpoints(export.checkpoints, trusted)
    if not checkpoints:
        raise Doubt("There is no signed checkpoint in the export.")
    last = checkpoints[-1]
    outside = seals.read_checkpoints(kept, trusted)
    wanted = sought(export, [*checkpoints, *outside], last, trusted)
    followed = chains.follow(export.outline, last.position, wanted, told)
    of_its_time = [
        each for each in outside if each.position <= last.position or each.made_at <= export.manifest.made_at
    ]
    report.difference = (
        first(
            followed.difference,
            seals.off_the_outline(checkpoints, followed),
            seals.off_the_outline(of_its_time, followed),
            chains.bodies(followed, export.bodies),
            contents.first_fact_that_differs(export, trusted, last.position),
        )
        or contents.unlike(export, last, trusted)
        or seals.words(export, last, followed, trusted)
    )
    if report.difference:
        return
    seals.never_back([*checkpoints, *of_its_time], last)
    report.checked += about_chains(export, followed, checkpoints, len(of_its_time))
    report.remarks += [f"{later(each)}, so it says nothing about it." for each in outside if each not in of_its_time]
    report.checked += about_sources(last)
    report.remarks += seals.by_the_judge_alone(followed, trusted)
    held = contents.read(export, trusted)
    contents.made_in_between(export.manifest, last, held)
    (report.remarks if held is None else report.checked).append(contents.told(held))
    _judge_again(export, followed, last, report)


def first(*differences: Difference | None) -> Difference | None:
    """The earliest in the ledger; of two at one place the one that was looked for first."""
    found = [each for each in differences if each]
    return min(found, key=lambda each: (each.position or 0) if each.since is None else each.since + 1, default=None)


def sought(export: Export, checkpoints: Sequence[Checkpoint], last: Checkpoint, trusted: Trusted) -> Sought:
    """What of the outline is needed: where something was signed, and the lines of the facts that are given in full."""
    asked = export.manifest.asked
    return Sought(
        bodies=Sought.by_position(export.bodies),
        orders=frozenset(asked.orders),
        days=days_of(export),
        signed=frozenset(each.position for each in checkpoints),
        ends=frozenset(seals.ends(export.watermarks.values(), last)),
        covered=seals.covered(seals.vouched(export, trusted)),
        frontier=last.frontier,
    )


def days_of(export: Export) -> tuple[datetime, datetime] | None:
    """The days whose facts have to be there in full. An older export has of them the orders' alone."""
    if export.manifest.asked.since is None or not export.manifest.is_signed:
        return None
    try:
        return export.manifest.asked.days
    except ValueError:
        raise Doubt("The days that were asked for cannot be read.") from None


def about_chains(export: Export, followed: Followed, checkpoints: Sequence[Checkpoint], kept: int) -> list[str]:
    count, full = followed.count, len(export.bodies)
    last = f"the last at position {count}, hash {checkpoints[-1].hash[:16]}"
    said = [
        f"The ledger has {count} facts without a gap; {full} are given in full, the others as digests in one chain.",
        f"{several(len(checkpoints), 'checkpoint')} on that chain, signed by the judge, {last}.",
        f"Each of the {full} facts follows from the one before it, in the ledger and in its source's own chain.",
    ]
    if kept:
        said.append(f"On the same chain: {several(kept, 'checkpoint')} that you kept.")
    return said


def several(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def later(kept: Checkpoint) -> str:
    return f"The checkpoint that you kept of position {kept.position} was signed after this export was made"


def about_sources(last: Checkpoint) -> list[str]:
    names = ", ".join(sorted(last.sources))
    promise = f"none of their facts recorded before {last.frontier.isoformat()} is missing"
    return [f"{names} have signed that {promise}, and what they signed is what the ledger has."]


def about_days(came: Iterable[Line]) -> str:
    moved = sorted({line.subject for line in came if line.subject})
    named = f": {', '.join(moved)}" if 0 < len(moved) <= NAMED else ""
    moved_then = f"{several(len(moved), 'order')} that moved in these days{named}"
    return f"The outline shows {moved_then}. All are here, and what is of no order."


def _judge_again(export: Export, followed: Followed, last: Checkpoint, report: Report) -> None:
    days = days_of(export)
    came = rejudging.came_in(followed.lines, days)
    if days:
        report.checked.append(about_days(came.values()))
    try:
        said = rejudging.fold(followed.lines, export.bodies, last.frontier)
        found = rejudging.judged(said, export.manifest.asked, came)
        report.remarks += comparing.compare(export, found, followed.lines)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise Doubt(f"What the system says of the case cannot be read: {error!r}") from None
    report.checked.append(
        f"Judged again, the facts lead to the same {several(len(found.records), 'record')}, "
        f"{several(len(found.suspicions), 'suspicion')} and {several(len(found.missed), 'missed date')}, word for word."
    )
