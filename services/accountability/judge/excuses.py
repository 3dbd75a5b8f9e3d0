"""Which time does not count on a duty's clock, and who says so?

Pauses (somebody else's turn), stop-work and blocks of the order or line, the time in which the line was off the order, and
measured outages of the service in which the person would have acted, the time in which it could not know that all this was
over, and the wait for the paper of another product. Accepted exceptions add working hours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chassis.calendar import WorkCalendar
from chassis.instants import Instant, Micros, hours, parse
from services.accountability.judge import amended, removed
from services.accountability.judge.absence import Absence
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.state import (
    Attempt,
    Case,
    Duty,
    Hindrance,
    LateWord,
    Mark,
    Outage,
    Pause,
    State,
    Stop,
)
from services.accountability.rules.rulebook import LinkRule


class Gap(NamedTuple):
    """Time off a clock: from, to (None while it lasts), why, which document, which fact."""

    start: Instant
    end: Instant | None
    reason: str
    document: str
    mark: Mark


def gaps(state: State, case: Case, duty: Duty, attempt: Attempt, link: LinkRule) -> list[Gap]:
    """Everything that stops the clock of this attempt at any time after it started, in order."""
    outages = _outages_since(state, acts_in(link, attempt), attempt.since)
    off = [*removed.standing_still(state, case, duty, attempt)]
    aside = amended.set_aside(case, duty, attempt, link.inputs)
    if not (duty.pauses or case.stops or outages or off or aside or duty.late_words):
        return []
    found = [
        *_pauses(duty),
        *_stops(case, duty.line_no, link),
        *_outages(outages),
        *_off_the_order(off),
        *unheard(duty),
    ]
    if aside:
        statement, until = aside
        found.append(Gap(statement.mark.at, until, "other_product", statement.product, statement.mark))
    return _since(found, attempt.since)


def stopping(
    state: State,
    case: Case,
    line_no: int | None,
    last: Attempt,
    link: LinkRule,
    since: Instant,
    uninformed: Iterable[Duty] = (),
) -> list[Gap]:
    """Everything that stops the work on a line at any time after an instant, in order, up to its last handover."""
    line = case.lines.get(line_no or 0)
    outages = _outages_since(state, acts_in(link, last), since)
    off = _off_the_order(line.absences if line else ())
    late = (gap for duty in uninformed for gap in unheard(duty))
    return _since((*_stops(case, line_no, link), *_outages(outages), *off, *late), since)


def _since(found: Iterable[Gap], at: Instant) -> list[Gap]:
    left = (gap for gap in found if gap.end is None or gap.end > at)
    return sorted(left, key=lambda gap: (gap.start, gap.reason, gap.document))


def acts_in(link: LinkRule, attempt: Attempt) -> str:
    """Where the person would have recorded the act: their own service, unless another states the closing fact."""
    services = link.recorded_in
    return attempt.service if attempt.service in services or len(services) != 1 else next(iter(services))


def walk(calendar: WorkCalendar, start: Instant, length: Micros, stopped: Sequence[Gap]) -> Instant | None:
    """The instant by which this much working time has passed outside the gaps; None while a gap has no end."""
    at = calendar.add(start, length)
    covered = start
    for gap in stopped:
        if gap.start >= at:
            break
        if gap.end is None:
            return None
        if gap.end > covered:
            at = calendar.add(at, calendar.between(max(gap.start, covered), gap.end))
            covered = gap.end
    return at


def worked(calendar: WorkCalendar, start: Instant, end: Instant, stopped: Sequence[Gap]) -> Micros:
    """Working time between two instants outside the gaps."""
    total = calendar.between(start, end)
    covered = start
    for gap in stopped:
        until = end if gap.end is None else min(gap.end, end)
        if until > covered and gap.start < end:
            total -= calendar.between(max(gap.start, covered), until)
            covered = until
    return total


def add_pause(duty: Duty, mark: Mark, step: int) -> None:
    """A fact stopped or restarted a duty's clock."""
    duty.pauses = in_order((*duty.pauses, Pause(mark, step)))


def in_order(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """At one instant stopping comes first."""
    return tuple(sorted(pauses, key=lambda p: (p.mark.at, -p.step, p.mark.position)))


def note_outage(state: State, told: Evidence) -> str:
    """A service could not record acts; returns the service."""
    start, end = parse(told.data["started_at"]), parse(told.data["ended_at"])
    known = state.outages.setdefault(told.source, [])
    known.append(Outage(start, end, told.mark))
    index_outage(state, known[-1])
    known.sort(key=lambda outage: (outage.start, outage.mark.order))
    return told.source


def index_outage(state: State, outage: Outage) -> None:
    """Keep at hand how long an outage can last."""
    state.index.longest_outage = max(state.index.longest_outage, outage.end - outage.start)


def _outages_since(state: State, service: str, since: Instant) -> list[Outage]:
    """Those that may have ended after an instant, of a list in the order of their beginnings."""
    known = state.outages.get(service) or []
    return known[bisect_left(known, since - state.index.longest_outage, key=lambda outage: outage.start) :]


def note_late_word(duty: Duty, told: Evidence) -> None:
    """A department heard later than it was said that a handover's clock ran on."""
    word = LateWord(parse(told.data["said_at"]), parse(told.data["heard_at"]), told.mark)
    duty.late_words = tuple(sorted((*duty.late_words, word), key=lambda known: (known.start, known.mark.order)))


def unheard(duty: Duty) -> Iterator[Gap]:
    """The time in which whoever owed a handover could not know that it went on."""
    return (Gap(word.start, word.end, "unheard", "", word.mark) for word in duty.late_words)


def note_stop(case: Case, told: Evidence, kind: str, *, begins: bool) -> None:
    """A stop-work or a block began or ended."""
    number = told.data["stop_no" if kind == "stop_work" else "block_no"]
    stop = case.stops.setdefault(f"{kind}/{number}", Stop(kind))
    if stop.line_no is None:
        stop.line_no = told.data.get("line_no")
    if begins:
        stop.start = told.mark
    else:
        stop.end = told.mark


def number_of(data: Mapping[str, Any]) -> str:
    """By which number an exception is known here: where another department reported it, by that of the report."""
    number: str = data.get("hindrance_no") or data["exception_no"]
    return number


def note_raised(state: State, told: Evidence) -> tuple[str, list[str]]:
    """An exception was raised, or what hinders was reported; returns its number and the duties it names.

    What was reported counts from then; PMC's own word on it only where there is no other.
    """
    number = number_of(told.data)
    named = tuple(sorted(f"{duty['link']}:{duty['key']}" for duty in told.data["affected_duties"]))
    hindrance = state.hindrances.setdefault(number, Hindrance())
    if hindrance.raised is None or not is_composed(told.data):
        hindrance.raised, hindrance.raised_duties = told.mark, named
    return number, affected(hindrance)


def is_composed(data: Mapping[str, Any]) -> bool:
    """Whether PMC made this exception of what another department reported."""
    return bool(data.get("hindrance_no") and data.get("exception_no"))


def note_decided(state: State, told: Evidence) -> tuple[str, list[str]]:
    """An exception was decided; the latest decision counts. Returns its number and the duties it touches."""
    data = told.data
    number, added = number_of(data), str(data["extension_hours"])
    hours(added)
    named = tuple(sorted(f"{duty['link']}:{duty['key']}" for duty in data["affected_duties"]))
    hindrance = state.hindrances.setdefault(number, Hindrance())
    before = set(affected(hindrance))
    if hindrance.decided is None or hindrance.decided.order < told.mark.order:
        hindrance.decided, hindrance.decided_by = told.mark, data["decided_by"]
        hindrance.accepted, hindrance.hours, hindrance.duties = bool(data["accepted"]), added, named
    return number, sorted(before.union(affected(hindrance)))


def affected(hindrance: Hindrance) -> list[str]:
    """The duties of an exception: those its decision names, else those it was raised for."""
    return list(hindrance.duties or hindrance.raised_duties)


def extensions(state: State, duty: Duty) -> list[tuple[Mark, Mark, Micros, str, str]]:
    """The accepted exceptions of a duty as they were raised: raised, decided, working time, by whom, number."""
    found = []
    for number in duty.exceptions:
        known = state.hindrances[number]
        if known.raised and known.decided and known.accepted and duty.id in affected(known):
            found.append((known.raised, known.decided, hours(known.hours), known.decided_by, number))
    return sorted(found, key=lambda extension: (extension[0].order, extension[4]))


def _pauses(duty: Duty) -> Iterator[Gap]:
    depth, opened = 0, None
    for pause in duty.pauses:
        if pause.step > 0 and depth == 0:
            opened = pause.mark
        depth = max(depth + pause.step, 0)
        if depth == 0 and opened is not None:
            yield Gap(opened.at, pause.mark.at, "pause", "", opened)
            opened = None
    if opened is not None:
        yield Gap(opened.at, None, "pause", "", opened)


def _stops(case: Case, line_no: int | None, link: LinkRule) -> Iterator[Gap]:
    for name, stop in case.stops.items():
        if stop.start and stop.kind in link.stopped_by and stop.line_no in (None, line_no):
            end = None if stop.end is None else max(stop.end.at, stop.start.at)
            yield Gap(stop.start.at, end, stop.kind, name.partition("/")[2], stop.start)


def _outages(outages: list[Outage]) -> Iterator[Gap]:
    return (Gap(outage.start, outage.end, "outage", "", outage.mark) for outage in outages)


def _off_the_order(known: Iterable[Absence]) -> Iterator[Gap]:
    return (Gap(off.start, off.end, "off_order", "", Mark(off.start, off.position, off.hash)) for off in known)
