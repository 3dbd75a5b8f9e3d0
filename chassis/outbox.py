"""How does a department state a fact? In its own database and in the transaction that made it true."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import Part, unnest
from chassis.telemetry import carried, name_order
from chassis.uuid7 import uuid7
from contracts.event import MAX_BODY_BYTES, Actor, Event

# Room for the envelope around the body, 8 KiB of baggage included: the finished message must fit into MAX_BODY_BYTES.
MAX_DATA_BYTES = MAX_BODY_BYTES - 16_384

COLUMNS = {
    "event_id": "uuid",
    "event": "text",
    "order_no": "text",
    "data": "json",
    "actor": "text",
    "actor_post": "text",
    "actor_acting": "boolean",
    "occurred_at": "timestamptz",
    "traceparent": "text",
    "baggage": "text",
}
INSERT = f"INSERT INTO outbox ({', '.join(COLUMNS)}) SELECT * FROM {unnest(COLUMNS)}"  # noqa: S608 - the constants above


class FactTooLarge(Exception):
    """A fact's body does not fit into one message: what is that large belongs into a document of its own."""

    def __init__(self, event: str, size: int) -> None:
        super().__init__(
            f"{event} has a body of {size} bytes, more than {MAX_DATA_BYTES}; state less, or in several facts"
        )


async def publish(session: AsyncSession, *events: Event, occurred_at: datetime | None = None) -> None:
    """State facts in this transaction; they are sent if and only if it commits.

    `occurred_at` is what the person says; without it the fact happened when it was recorded. All facts of a transaction
    are written by one statement, right before its commit.
    """
    facts: list[dict[str, object]] = session.info["facts"]
    for event in events:
        name_order(event.order_no)
        facts.append(_row(event, session.info["actor"], occurred_at))


def _row(event: Event, actor: Actor, occurred_at: datetime | None) -> dict[str, object]:
    data = event.model_dump_json()
    if (size := len(data.encode())) > MAX_DATA_BYTES:
        raise FactTooLarge(event.name, size)
    context = carried(event.order_no)
    return {
        "event_id": uuid7(),
        "event": event.name,
        "order_no": event.order_no,
        "data": data,
        "actor": actor.employee,
        "actor_post": actor.post,
        "actor_acting": actor.acting,
        "occurred_at": occurred_at,
        "traceparent": context.get("traceparent"),
        "baggage": context.get("baggage"),
    }


def stated(session: AsyncSession) -> Part | None:
    """What writes the facts that this transaction published."""
    facts: list[dict[str, object]] = session.info["facts"]
    return Part("facts", INSERT, [[fact[name] for fact in facts] for name in COLUMNS]) if facts else None
