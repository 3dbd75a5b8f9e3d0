"""How do years of a factory's facts come about in minutes? Whole orders are told once, as stories, and again week after week.

Every fact is one of the contracts, as its service would put it on the wire. What differs from one telling to the next are the
days, the order's number, and the fact's own id and sequence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import orjson

from contracts import accountability, pmc, quality, sales, warehouse
from contracts.catalogue import ALL_EVENTS
from contracts.event import SERVICES, DutyRef
from tests.support.facts import STAFF, Story, a_story, local
from tests.support.orders import Step, an_order

ORDERS_A_WEEK = 250
STORIES = 150
MONDAY = date(2026, 3, 2)
"""The week in which the stories are told; they happen from the week after on."""

TAG, SEQUENCE, ID = "XQZJ7QX", 987_654_321, "00000000-0000-7000-8000-00000000feed"
SLOT = re.compile(rb"(20\d\d-\d\d-\d\d|XQZJ7QX|987654321|00000000-0000-7000-8000-00000000feed)")

# Working hours that a handover takes where nothing goes wrong.
USUAL = {
    "release": 2,
    "package": 9,
    "requirement": 5,
    "production_order": 5,
    "purchase_order": 9,
    "arrival": 24,
    "iqc": 5,
    "receipt": 4,
    "requisition_approval": 2,
    "issue": 2,
    "dispatch": 2,
    "operation": 3,
    "final_inspection": 5,
    "finished_receipt": 3,
    "notice": 2,
    "planner_review": 1,
    "director_review": 1,
    "instruction": 2,
    "outgoing_qa": 2,
    "ship": 2,
    "shipment_report": 2,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One fact of a story: when it happens, and its bytes with places for what differs."""

    at: datetime
    source: str
    type: str
    ordered: bool
    form: bytes
    slots: tuple[bytes, ...]


@dataclass(slots=True)
class Told:
    """A fact that has happened, ready for the wire."""

    source: str
    sequence: int
    type: str
    subject: str | None
    recorded_at: datetime
    body: bytes


@dataclass
class History:
    """Facts in the order in which they were recorded; `sequences` says how far each source has come."""

    seed: int = 7
    orders_a_week: int = ORDERS_A_WEEK
    sequences: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERVICES, 0))
    orders: int = 0

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def beginning(self, keys: Mapping[str, tuple[str, str]]) -> list[Told]:
        """Calendar, rulebook, people and the sources with their keys (PEM, fingerprint), before the first order."""
        story = a_story()
        for source, (pem, fingerprint) in keys.items():
            story.states(accountability.SourceRegistered, service=source, public_key=pem, key_fingerprint=fingerprint)
        return [self._happens(scene, {}, "", timedelta()) for scene in scenes(story)]

    def days(self) -> Iterator[list[Told]]:
        """Day after day, without an end."""
        stories, company = [scenes(one) for one in self._stories()], scenes(a_week_of_the_company())
        ahead: dict[date, list[tuple[datetime, int, Scene, dict[bytes, bytes], str, timedelta]]] = defaultdict(list)
        week = 0
        while True:
            week += 1
            shift = timedelta(weeks=week)
            for number in range(self.orders_a_week + 1):
                scene_list = company if number == 0 else self._random.choice(stories)
                self.orders += number > 0
                tag = f"{self.orders:07d}" if number else f"W{week:06d}"
                values = {TAG.encode(): tag.encode()}
                for place, scene in enumerate(scene_list):
                    at = scene.at + shift
                    ahead[at.date()].append((at, self.orders * 1000 + place, scene, values, tag, shift))
            for weekday in range(7):
                today = sorted(ahead.pop(MONDAY + shift + timedelta(days=weekday), ()), key=lambda each: each[:2])
                yield [self._happens(scene, values, tag, shift) for _, _, scene, values, tag, shift in today]

    def _happens(self, scene: Scene, values: dict[bytes, bytes], tag: str, shift: timedelta) -> Told:
        """The values of an order are worked out once for each day that its facts name."""
        sequence = self.sequences[scene.source] = self.sequences[scene.source] + 1
        total = sum(self.sequences.values())
        own = {b"987654321": b"%d" % sequence, ID.encode(): b"00000000-0000-7000-8000-%012x" % total}
        for slot in scene.slots:
            if slot not in own and slot not in values:
                values[slot] = (date.fromisoformat(slot.decode()) + shift).isoformat().encode()
        body = scene.form % tuple([own.get(slot) or values[slot] for slot in scene.slots])
        subject = f"SO-{tag}" if scene.ordered else None
        return Told(scene.source, sequence, scene.type, subject, scene.at + shift, body)

    def _stories(self) -> Iterator[Story]:
        for number in range(STORIES):
            yield an_order_of_the_bench(self._random, TROUBLES[number % len(TROUBLES)])


def scenes(story: Story) -> list[Scene]:
    return [scene_of(told.fact, told.recorded_at) for told in story.told]


def scene_of(fact: Mapping[str, Any], at: datetime) -> Scene:
    body = orjson.dumps({**fact, "id": ID, "sequence": SEQUENCE, "number": SEQUENCE})
    pieces = SLOT.split(body.replace(b"%", b"%%"))
    form = b"%s".join(pieces[::2])
    return Scene(at, fact["source"], fact["type"], bool(fact.get("subject")), form, tuple(pieces[1::2]))


def an_order_of_the_bench(dice: Random, trouble: str) -> Story:
    """One order from confirmation to the report of its shipment, each handover signed for; some run into trouble."""
    day, hour = MONDAY + timedelta(days=dice.randrange(5)), dice.choice(("08:30", "09:10", "10:40", "13:20", "15:05"))
    takes = {link: hours * dice.uniform(0.4, 0.95) for link, hours in USUAL.items()}
    if trouble in USUAL:
        takes[trouble] = USUAL[trouble] + dice.uniform(20, 50)
    story, order_no = Story(), f"SO-{TAG}"
    run = an_order(
        story,
        order_no,
        starts=f"{day} {hour}",
        delivery_date=str(day + timedelta(days=21)),
        takes=takes,
        production_due=f"{day + timedelta(days=18)} 17:00",
        extra=lambda told, step: hindered(told, order_no, step, trouble),
    )
    ended = max(run.closed.values())
    if trouble == "complaint":
        is_complained_of(story.at(ended + timedelta(days=14)), order_no)
    return story


def hindered(story: Story, order_no: str, step: Step, trouble: str) -> None:
    """What else happens when a handover arrives: somebody signs for it, and what the trouble brings with it."""
    signed = ALL_EVENTS[f"{step.service}.handover_signed.v1"]
    story.states(signed, by=STAFF[step.post], order_no=order_no, duty=step.duty)
    if trouble == "exception" and step.duty.link == "operation":
        has_an_exception(story, order_no, step.duty)
    if trouble == "block" and step.duty.link == "outgoing_qa":
        story.states(quality.ShipmentBlocked, order_no=order_no, block_no=f"BLK-{TAG}")
        story.states(quality.ShipmentUnblocked, order_no=order_no, block_no=f"BLK-{TAG}")
    if trouble == "postponed" and step.duty.link == "dispatch":
        story.states(sales.DeliveryPostponed, order_no=order_no, delivery_date=str(MONDAY + timedelta(days=28)))


def has_an_exception(story: Story, order_no: str, duty: DutyRef) -> None:
    said: dict[str, Any] = {
        "exception_no": f"EXC-{TAG}-{duty.key[-2:]}",
        "affected_orders": [order_no],
        "affected_duties": [duty],
    }
    story.states(pmc.ExceptionRaised, order_no=order_no, kind="other", **said)
    decided: dict[str, Any] = {"accepted": True, "extension_hours": "12", "decided_by": STAFF["general_manager"]}
    story.states(pmc.ExceptionDecided, order_no=order_no, **said, **decided)


def is_complained_of(story: Story, order_no: str) -> None:
    said: dict[str, Any] = {"order_no": order_no, "complaint_no": f"CMP-{TAG}"}
    story.states(sales.ComplaintReceived, kind="quality", received_at=story.now, channel="mail", **said)
    attributed: dict[str, Any] = {
        "matter": "complaint",
        "cause": "production",
        "attribution_no": f"ATT-{TAG}",
        "line_no": 1,
    }
    story.at(story.now + timedelta(days=1))
    story.states(pmc.ComplaintAttributed, by=STAFF["planner"], **said, **attributed)
    story.at(story.now + timedelta(days=1)).states(pmc.ComplaintClosed, **said)


def a_week_of_the_company() -> Story:
    """What belongs to no order: counts, audits, a service that was away, somebody who takes a post."""
    story = Story().at(local(f"{MONDAY} 08:05"))
    post: dict[str, Any] = {"employee": "E-099", "post": "clerk", "effective_from": story.now}
    story.states(accountability.PostAssigned, assignment_no=f"ASN-{TAG}", **post)
    story.at(local(f"{MONDAY + timedelta(days=1)} 10:00"))
    began = story.now - timedelta(minutes=12)
    story.states(warehouse.ServiceUnavailable, started_at=began, ended_at=story.now)
    story.at(local(f"{MONDAY + timedelta(days=4)} 16:00"))
    story.states(warehouse.StockCounted, count_no=f"CNT-{TAG}", counted_by=STAFF["planner"])
    story.states(pmc.FiveSAudited, audit_no=f"5S-{TAG}")
    return story


TROUBLES = ("",) * 40 + (
    "exception",
    "block",
    "postponed",
    "complaint",
    "package",
    "arrival",
    "operation",
    "receipt",
    "ship",
    "notice",
)
