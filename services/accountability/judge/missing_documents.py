"""How long did a package lack a document, and in which attempt at it was that package made?

Each lack costs the attempt that left it, until a revision brings the document or the package is owed anew: a product that was
changed is another engineer's work, or the same one's a second time.
"""

from __future__ import annotations

from collections.abc import Iterator

from chassis.instants import Instant, Micros
from services.accountability.judge import excuses, found
from services.accountability.judge.in_force import calendar_now, rule_of
from services.accountability.judge.state import Attempt, Case, Duty, Exhibit, Mark, State


def time_without(state: State, case: Case, duty: Duty, attempt: Attempt, now: Instant) -> Micros:
    """The working time in which any document was confirmed to be missing, from its report to the revision that brought it."""
    rules, calendar = rule_of(state, duty, attempt), calendar_now(state)
    lacking = _lacking(case, duty, attempt, now)
    if calendar is None or rules is None or not lacking:
        return 0
    stopped = excuses.gaps(state, case, duty, attempt, rules[1])
    total, covered = 0, attempt.opened.at
    for start, end in lacking:
        total += excuses.worked(calendar, max(start, covered), max(end, covered), stopped)
        covered = max(end, covered)
    return total


def lacked_in(state: State, case: Case, decision: Exhibit) -> str:
    """The package of which a decision on a missing document speaks, as records call it: with the attempt that made it."""
    name = f"package:{decision.data['order_no']}/{decision.data['line_no']}"
    duty = state.duties.get(name)
    reports = case.exhibits.get("missing_reports", ())
    reported = next((one for one in reports if one.data["report_no"] == decision.data["report_no"]), None)
    package = _in_force(case, reported) if reported else None
    number = _made_in(duty, package).number if duty and duty.attempts and package else 1
    return name if number == 1 else f"{name}#{number}"


def _lacking(case: Case, duty: Duty, attempt: Attempt, now: Instant) -> list[tuple[Instant, Instant]]:
    """From when to when documents were missing, in order; two may have been missing at one time."""
    later = [known.opened.at for known in duty.attempts if known.number > attempt.number and not known.called_off]
    return sorted(
        (report.mark.at, min([now, *later[:1], *(mark.at for mark in _completions(case, report))]))
        for report in case.exhibits.get("missing_reports", ())
        if report.data["line_no"] == duty.line_no
        and (package := _in_force(case, report)) is not None
        and _made_in(duty, package) is attempt
        and _was_missing(case, report, package)
    )


def _in_force(case: Case, report: Exhibit) -> Exhibit | None:
    """The revision by which the workshop worked when it missed a document."""
    released = (
        package
        for package in case.exhibits.get("packages", ())
        if package.data["package_no"] == report.data["package_no"] and package.mark.at <= report.mark.at
    )
    return max(released, key=lambda package: (package.data["revision"], package.mark.order), default=None)


def _made_in(duty: Duty, package: Exhibit) -> Attempt:
    """The attempt that a release closed; a mere revision belongs to the one before it that brought a package."""
    done = (known for known in duty.attempts if not known.called_off)
    made = [known for known in done if known.closed and _is_by(known.closed, package.mark)]
    return made[-1] if made else duty.attempts[0]


def _is_by(closed: Mark, release: Mark) -> bool:
    return closed.position == release.position or closed.order <= release.order


def _was_missing(case: Case, report: Exhibit, package: Exhibit) -> bool:
    """Whether the report was confirmed, not by whoever released the package, and the revision in force lacks the document.

    The same is asked before ENG-01 is recorded: a word that the package itself contradicts costs nobody anything.
    """
    return report.data["document"] not in package.data["documents"] and any(
        decision.data["confirmed"] and decision.actor != package.data["released_by"]
        for decision in found.standing(case, "missing_documents", case.exhibits.get("missing_documents", []))
        if decision.data["report_no"] == report.data["report_no"]
    )


def _completions(case: Case, report: Exhibit) -> Iterator[Mark]:
    """The releases that brought a document after it was reported missing."""
    for package in case.exhibits.get("packages", ()):
        same = package.data["package_no"] == report.data["package_no"]
        if same and package.mark.at >= report.mark.at and report.data["document"] in package.data["documents"]:
            yield package.mark
