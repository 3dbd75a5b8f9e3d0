"""How did a played story end, by accountability's own account, and is that what the story expects?"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from deploy.local.player.department import Department, Unexpected
from deploy.local.player.expand import Story
from deploy.local.player.playing import Player
from deploy.local.player.story import Expectation, ExpectedRecord, Overrun
from deploy.local.sample.models import People

READER = "hr"
VERDICT_PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05
MOST_RECORDS = "200"
HOUR = timedelta(hours=1)
OVERRAN, WITHDRAWN = "overran", "withdrawn"


class Person(BaseModel):
    """Who answered for a handover."""

    employee: str
    post: str
    acting: bool


class Handover(BaseModel):
    """One attempt at a handover on an order's timeline."""

    duty: str
    link: str
    key: str
    attempt: int
    post: str
    person: Person | None
    given_at: datetime | None
    delivered_at: datetime
    signed_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    status: str
    overrun: timedelta
    contribution: timedelta | None
    first_cause: bool

    @property
    def overran(self) -> bool:
        return self.status == OVERRAN


class Line(BaseModel):
    """Whether a line left in time."""

    line_no: int
    ship_by: datetime | None
    shipped_at: datetime | None
    missed: bool


class Timeline(BaseModel):
    """An order's handovers, first to last."""

    order_no: str
    cancelled_at: datetime | None
    lines: tuple[Line, ...]
    handovers: tuple[Handover, ...]
    missed: tuple[dict[str, Any], ...]

    @property
    def delivery(self) -> str:
        if any(line.missed for line in self.lines if line.shipped_at):
            return "late"
        return "on_time" if self.lines and all(line.shipped_at for line in self.lines) else "none"

    @property
    def first_cause(self) -> str | None:
        """The handover that cost the delivery date, if one did."""
        causes = [date["cause"] for date in self.missed if date.get("of") == "delivery" and date.get("cause")]
        return str(causes[0]["duty"]) if causes else None


class Record(BaseModel):
    """A record that stands."""

    no: str
    order_no: str | None
    status: str
    clause: str
    person: str
    post: str
    acting: bool
    sanction: str
    breaches: tuple[str, ...]
    evidence: tuple[int, ...]
    compensation: Decimal | None
    computation: str


@dataclass(frozen=True)
class Outcome:
    """A story as it ended."""

    story: Story
    expect: Expectation
    timeline: Timeline
    records: Sequence[Record]

    @property
    def order_no(self) -> str:
        return self.timeline.order_no

    def differences(self, people: People) -> list[str]:
        """Where it ended otherwise than expected, in words; empty when it ended exactly so."""
        return [
            *differs("the delivery", self.timeline.delivery, self.expect.delivery),
            *differs("the first cause", link_of(self.timeline.first_cause), self.expect.first_cause),
            *unmatched("overrun", self.overruns(people), list(map(told_overrun, self.expect.overruns))),
            *self.unmatched_records(people),
        ]

    def overruns(self, people: People) -> list[str]:
        """What overran, in the words in which it is expected; a handover is named closer where the story does."""
        closer = {f"{each.handover}:{each.of}" for each in self.expect.overruns if each.of}
        return [
            in_words(
                each.duty if each.duty in closer else each.link,
                nickname(people, each.person.employee) if each.person else "nobody",
                hours(each.overrun) if each.closed_at else None,
            )
            for each in self.timeline.handovers
            if each.overran
        ]

    def unmatched_records(self, people: People) -> Iterator[str]:
        left = list(self.records)
        for expected in self.expect.records:
            found = next((record for record in left if fits(record, expected, people)), None)
            if found is None:
                yield f"no record {described(expected)}"
            else:
                left.remove(found)
        for record in left:
            who = nickname(people, record.person)
            money = f", CNY {record.compensation}" if record.compensation is not None else ""
            sanction = record.sanction or "no sanction"
            acting = "acting " if record.acting else ""
            yield (
                f"unexpected record {record.clause} {who} ({acting}{record.post}), {sanction}{money}: "
                f"{', '.join(record.breaches)}"
            )


def differs(what: str, came: object, expected: object) -> Iterator[str]:
    if came != expected:
        yield f"{what} is {came or 'nothing'} instead of {expected or 'nothing'}"


def unmatched(what: str, came: list[str], expected: list[str]) -> Iterator[str]:
    for each in expected:
        if each in came:
            came.remove(each)
        else:
            yield f"no {what} {each}"
    for each in came:
        yield f"unexpected {what} {each}"


def told_overrun(overrun: Overrun) -> str:
    duty = f"{overrun.handover}:{overrun.of}" if overrun.of else overrun.handover
    return in_words(duty, overrun.who, None if overrun.hours is None else overrun.hours.normalize())


def in_words(duty: str, who: str, late: Decimal | None) -> str:
    return f"{duty} by {who}, never closed" if late is None else f"{duty} by {who}, {late:f} h"


def hours(time: timedelta) -> Decimal:
    return (Decimal(round(time.total_seconds() / 36)) / 100).normalize()


def link_of(duty: str | None) -> str | None:
    return None if duty is None else duty.partition(":")[0]


def nickname(people: People, employee: str) -> str:
    found = people.employee(employee)
    return found.nickname if found else employee


def fits(record: Record, expected: ExpectedRecord, people: People) -> bool:
    who = people.employee(expected.who)
    return (
        record.clause == expected.clause
        and who is not None
        and record.person == who.id
        and expected.post in (None, record.post)
        and expected.acting == record.acting
        and expected.sanction in (None, record.sanction)
        and expected.breaches == len(record.breaches)
        and expected.compensation == record.compensation
    )


def described(expected: ExpectedRecord) -> str:
    said = expected.model_dump(exclude_none=True, exclude_defaults=True)
    return ", ".join(f"{name} {value}" for name, value in said.items())


async def outcomes(player: Player, stories: Sequence[Story], people: People) -> list[Outcome]:
    """Every story that became an order, by accountability's account; the frontier is awaited first."""
    office = player.company["accountability"]
    last = max(step.at for story in stories for step in story.steps)
    (reader,) = people.holders(READER, last)
    await judged(office, reader.id, last)
    found = []
    for story in stories:
        answers = player.answers[story.name]
        if "order" in answers:
            found.append(await outcome(player, story, answers, office, reader.id))
    return found


async def outcome(player: Player, story: Story, answers: Mapping[str, Any], office: Department, reader: str) -> Outcome:
    order_no = answers["order"]["no"]
    timeline = await office.read(f"/api/timelines/{order_no}", employee=reader)
    page = await office.read("/api/records", employee=reader, order_no=order_no, limit=MOST_RECORDS)
    records = [Record.model_validate(each) for each in page["items"]]
    expect = Expectation.model_validate(player.filled(story.expect.model_dump(exclude_none=True), answers))
    standing = sorted((each for each in records if each.status != WITHDRAWN), key=lambda each: each.no)
    return Outcome(story, expect, Timeline.model_validate(timeline), standing)


async def judged(office: Department, reader: str, after: datetime) -> None:
    """Return once every verdict up to this moment is written; raises Unexpected naming whom they wait for."""
    deadline = time.monotonic() + VERDICT_PATIENCE_S
    while True:
        evidence = await office.read("/api/evidence", employee=reader)
        if evidence["judged_to"] and datetime.fromisoformat(evidence["judged_to"]) > after:
            return
        if time.monotonic() > deadline:
            behind = ", ".join(f"{each['source']} to {each['complete_to']}" for each in evidence["sources"])
            raise Unexpected(f"verdicts reach to {evidence['judged_to']} and not beyond {after}: {behind}")
        await asyncio.sleep(LOOK_EVERY_S)
