"""What if other rules, another calendar or other people had been in force? The same facts, read otherwise.

A pure change of what the judge hears: nothing is written, and the facts of the departments stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

from contracts.accountability import CalendarSet, PostAssigned, PostEnded, RulebookActivated, Shift
from services.accountability.judge.evidence import Entry

SUPPOSED = "supposed"
ROSTER = frozenset({PostAssigned.name, PostEnded.name})
SUPPOSABLE = ROSTER | {RulebookActivated.name, CalendarSet.name}
PARTS = ("rules", "calendar", "tenures")


@dataclass(frozen=True, slots=True)
class Tenure:
    """Somebody who is supposed to have held a post, known from its first day on."""

    employee: str
    post: str
    since: datetime
    until: datetime | None = None
    acting: bool = False


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What would have been otherwise in every calendar there was: some days, and where they are given shifts or weekend.

    All else of each calendar stays: a day off in June says nothing about March's hours.
    """

    days_off: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()
    shifts: tuple[Shift, ...] = ()
    weekend: tuple[int, ...] = ()

    def made_to(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A calendar's fields as they are supposed to have been."""
        off, working = ({day.isoformat() for day in days} for days in (self.days_off, self.extra_working_days))
        changed = {
            **fields,
            "public_holidays": sorted({*fields.get("public_holidays", ()), *off} - working),
            "make_up_days": sorted({*fields.get("make_up_days", ()), *working} - off),
        }
        if self.shifts:
            changed["shifts"] = [shift.model_dump(mode="json") for shift in self.shifts]
        if self.weekend:
            changed["weekend"] = list(self.weekend)
        return changed


@dataclass(frozen=True, slots=True)
class Supposition:
    """What is supposed instead of what was: None leaves it as it was.

    `rules` stand for every rulebook that was in force, `tenures` for the whole roster of the posts that they name; `calendar` is a
    change of every calendar.
    """

    rules: Mapping[str, Any] | None = None
    calendar: CalendarChange | None = None
    tenures: tuple[Tenure, ...] | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """What of all that may be supposed is."""
        return tuple(part for part in PARTS if getattr(self, part) is not None)

    def less(self) -> Iterator[tuple[tuple[str, ...], Supposition]]:
        """Every supposition of only some of these parts, by their names; none where only one thing is supposed."""
        for size in range(1, len(self.parts)):
            for some in combinations(self.parts, size):
                yield some, Supposition(**{part: getattr(self, part) for part in some})

    @property
    def posts(self) -> frozenset[str]:
        """Whose holders are supposed ones; all other posts are held as they were."""
        return frozenset(tenure.post for tenure in self.tenures or ())

    def read(self, entry: Entry) -> Entry | None:
        """The fact as it is supposed to have been; None where it is supposed not to be."""
        kind = entry.fact["type"]
        if kind not in SUPPOSABLE:
            return entry
        if kind in ROSTER and entry.fact["data"]["post"] in self.posts:
            return None
        if kind == RulebookActivated.name and self.rules is not None:
            version = entry.fact["data"]["version"]
            return _with_data(entry, rules={**self.rules, "version": version})
        if kind == CalendarSet.name and self.calendar is not None:
            return _with_data(entry, **self.calendar.made_to(entry.fact["data"]))
        return entry

    def roster(self) -> Iterator[Entry]:
        """The supposed roster as facts of their own; they precede everything."""
        sequence = 0
        for number, tenure in enumerate(sorted(self.tenures or (), key=lambda each: each.since), 1):
            for fact in _facts(tenure, f"SUPPOSED-{number}"):
                sequence += 1
                yield Entry(0, tenure.since, {**fact, "sequence": sequence}, "")


def _with_data(entry: Entry, **changed: Any) -> Entry:
    return entry._replace(fact={**entry.fact, "data": {**entry.fact["data"], **changed}})


def _facts(tenure: Tenure, no: str) -> Iterable[dict[str, Any]]:
    """That the post was taken and, where it was, that it was given up; both recorded when they took effect."""
    named = {"assignment_no": no, "employee": tenure.employee, "post": tenure.post}
    taken = {**named, "acting": tenure.acting, "effective_from": tenure.since.isoformat()}
    yield _fact(PostAssigned.name, tenure.since, taken)
    if tenure.until is not None:
        yield _fact(PostEnded.name, tenure.until, {**named, "effective_until": tenure.until.isoformat()})


def _fact(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        "id": f"{SUPPOSED}-{data['assignment_no']}-{kind}",
        "source": SUPPOSED,
        "epoch": 0,
        "time": at.astimezone(UTC).isoformat(),
        "actor": SUPPOSED,
        "data": data,
    }
