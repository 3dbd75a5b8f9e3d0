"""How did a played story end, by accountability's own account, and is that what the story expects?"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from deploy.local.player.account import Handover, Record, Timeline
from deploy.local.player.department import Department, Unexpected
from deploy.local.player.expand import Story
from deploy.local.player.playing import Player
from deploy.local.player.story import Expectation, ExpectedRecord, Overrun
from deploy.local.sample.models import People

READER = "hr"
VERDICT_PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05
PAGE = "200"
HOUR = timedelta(hours=1)
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Outcome:
    """A story as it ended."""

    story: Story
    expect: Expectation
    timeline: Timeline | None
    records: Sequence[Record]
    failure: str | None = None

    @property
    def order_no(self) -> str:
        return self.timeline.order_no if self.timeline else ""

    @property
    def delivery(self) -> str:
        return self.timeline.delivery if self.timeline else "none"

    @property
    def first_cause(self) -> str | None:
        return self.timeline.first_cause if self.timeline else None

    @property
    def handovers(self) -> tuple[Handover, ...]:
        return self.timeline.handovers if self.timeline else ()

    def differences(self, people: People) -> list[str]:
        """Where it ended otherwise than expected, in words; empty when it ended exactly so."""
        if self.failure is not None:
            return [self.failure]
        return [
            *differs("the delivery", self.delivery, self.expect.delivery),
            *differs("the first cause", link_of(self.first_cause), self.expect.first_cause),
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
            for each in self.handovers
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
        and (record.status == expected.status if expected.status else record.status != WITHDRAWN)
        and (expected.appeal or "") == record.appeal_outcome
    )


def described(expected: ExpectedRecord) -> str:
    said = expected.model_dump(exclude_none=True, exclude_defaults=True)
    return ", ".join(f"{name} {value}" for name, value in said.items())


async def outcomes(player: Player, stories: Sequence[Story], people: People) -> list[Outcome]:
    """How every story ended, by accountability's account; the frontier is awaited first.

    Raises StepFailed for a story that could not even begin, and Unexpected for a record that belongs to none.
    """
    office = player.company["accountability"]
    last = max(step.at for story in stories for step in story.steps)
    reader = reader_at(people, last)
    await judged(office, reader, last)
    records = await records_of(office, reader)
    found = [await outcome(player, story, records, office, reader) for story in stories]
    told = {record.no for each in found for record in each.records}
    standing = [each for each in records if each.status != WITHDRAWN]
    if strange := [f"{each.no} ({each.clause})" for each in standing if each.no not in told]:
        raise Unexpected(f"records that belong to no story: {', '.join(strange)}")
    return found


async def records_of(office: Department, reader: str) -> list[Record]:
    """All records, the oldest first."""
    found: list[Record] = []
    after: dict[str, str] = {}
    while True:
        page = await office.read("/api/records", employee=reader, limit=PAGE, **after)
        found += [Record.model_validate(each) for each in page["items"]]
        if page["next"] is None:
            return found[::-1]
        after = {"after": page["next"]}


def reader_at(people: People, at: datetime) -> str:
    """Who may look into everything at accountability."""
    return people.holders(READER, at)[0].id


async def outcome(player: Player, story: Story, records: Sequence[Record], office: Department, reader: str) -> Outcome:
    answers, failure = player.answers[story.name], player.failed.get(story.name)
    if failure and not answers:
        raise failure
    order_no = answers["order"]["no"] if "order" in answers else None
    timeline = await office.read(f"/api/timelines/{order_no}", employee=reader) if order_no else None
    names = [*player.answered[story.name], *numbers(answers)]
    return Outcome(
        story=story,
        expect=story.expect if failure else expected(player, story, answers),
        timeline=Timeline.model_validate(timeline) if timeline else None,
        records=[record for record in records if belongs(record, order_no, names) and tells(story.expect, record)],
        failure=str(failure) if failure else None,
    )


def belongs(record: Record, order_no: str | None, names: Iterable[str]) -> bool:
    """Whether a record is about this story: its order, or without one any document it made and handover it settled."""
    if record.order_no is not None:
        return record.order_no == order_no
    about = f"{record.breaches} {record.facts}"
    return any(name in about for name in names)


def tells(expect: Expectation, record: Record) -> bool:
    """Whether the record is part of the story: all that stand, and of those withdrawn what the story is about."""
    withdrawn = {each.clause for each in expect.records if each.status == WITHDRAWN}
    return record.status != WITHDRAWN or record.clause in withdrawn


def numbers(answers: Mapping[str, Any]) -> list[str]:
    """Of the documents that the steps made."""
    return [str(answer["no"]) for answer in answers.values() if answer.get("no")]


def expected(player: Player, story: Story, answers: Mapping[str, Any]) -> Expectation:
    """What the story expects, with the numbers that its documents got."""
    return Expectation.model_validate(player.filled(story.expect.model_dump(exclude_none=True), answers))


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
