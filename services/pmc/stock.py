"""What material is free: in stock and on its way, less what earlier requirements claimed?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import purchasing, warehouse
from services.pmc.models import ReceivedLot

# Requirements are exploded one at a time: two that looked at the same stock together would both count on it.
TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended('requirements', 0))")

# Claims are covered from stock first and then from what is coming; what is left of either is free. Stock is below
# nothing while an issue has been heard and its receipt has not: then what is coming has gone already.
FREE = text(
    "SELECT wanted.item_code, greatest(here - claimed, 0) AS on_stock, "
    "greatest(coming - greatest(claimed - here, 0), 0) AS on_order "
    "FROM unnest(CAST(:items AS text[])) AS wanted (item_code) "
    "CROSS JOIN LATERAL (SELECT coalesce((SELECT on_hand FROM stock s "
    " WHERE s.item_code = wanted.item_code), 0) AS here) h "
    "CROSS JOIN LATERAL (SELECT coalesce(sum(m.claimed - m.issued), 0) AS claimed FROM line_materials m "
    " WHERE m.item_code = wanted.item_code AND m.claimed > m.issued) c "
    "CROSS JOIN LATERAL (SELECT coalesce(sum(greatest(p.short, p.ordered) - p.received), 0) AS coming "
    " FROM open_purchases p WHERE p.item_code = wanted.item_code AND greatest(p.short, p.ordered) > p.received) o"
)
MOVE = text(
    "INSERT INTO stock AS s (item_code, on_hand) SELECT item, sum(quantity) "
    "FROM unnest(CAST(:items AS text[]), CAST(:quantities AS numeric[])) AS moved (item, quantity) "
    "GROUP BY item ORDER BY item ON CONFLICT (item_code) DO UPDATE SET on_hand = s.on_hand + excluded.on_hand"
)
PRICE = text(
    "INSERT INTO stock AS s (item_code, on_hand, unit_cost) SELECT DISTINCT ON (item) item, 0, price "
    "FROM unnest(CAST(:items AS text[]), CAST(:prices AS numeric[])) AS paid (item, price) ORDER BY item "
    "ON CONFLICT (item_code) DO UPDATE SET unit_cost = excluded.unit_cost"
)
CLAIM = text(
    "INSERT INTO line_materials AS m (order_no, line_no, item_code, claimed, issued) "
    "SELECT :order_no, :line_no, item, sum(claimed), sum(issued) "
    "FROM unnest(CAST(:items AS text[]), CAST(:claimed AS numeric[]), CAST(:issued AS numeric[])) "
    "AS entry (item, claimed, issued) GROUP BY item ORDER BY item ON CONFLICT (order_no, line_no, item_code) "
    "DO UPDATE SET claimed = m.claimed + excluded.claimed, issued = m.issued + excluded.issued"
)
EXPECT = text(
    "INSERT INTO open_purchases AS p "
    "(requirement_no, requirement_line_no, order_no, item_code, short, ordered, received) "
    "SELECT no, line, :order_no, min(item), sum(short), sum(ordered), sum(received) "
    "FROM unnest(CAST(:nos AS text[]), CAST(:lines AS int[]), CAST(:items AS text[]), CAST(:shorts AS numeric[]), "
    "CAST(:ordered AS numeric[]), CAST(:received AS numeric[])) AS entry (no, line, item, short, ordered, received) "
    "GROUP BY no, line ORDER BY no, line ON CONFLICT (requirement_no, requirement_line_no) DO UPDATE SET "
    "short = p.short + excluded.short, ordered = p.ordered + excluded.ordered, "
    "received = p.received + excluded.received"
)
ISSUED = text("SELECT item_code, issued FROM line_materials WHERE order_no = :order_no AND line_no = :line_no")
LET_GO = text(
    "UPDATE line_materials SET claimed = least(claimed, issued) "
    "WHERE order_no = :order_no AND (CAST(:line_no AS int) IS NULL OR line_no = :line_no)"
)
FORGET_SHORT = text(
    "UPDATE open_purchases p SET short = 0 WHERE order_no = :order_no AND (CAST(:line_no AS int) IS NULL "
    "OR requirement_no IN (SELECT no FROM requirements r WHERE r.order_no = p.order_no AND r.line_no = :line_no))"
)
COST = text("SELECT item_code, unit_cost FROM stock WHERE item_code = ANY(:items) AND unit_cost IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Free:
    """What nobody has claimed of an item: in the warehouse, and on its way."""

    on_stock: Decimal
    on_order: Decimal


@dataclass(frozen=True, slots=True)
class Coming:
    """What changes in what is expected for one line of a requirement."""

    requirement_no: str
    line_no: int
    item_code: str
    short: Decimal = Decimal(0)
    ordered: Decimal = Decimal(0)
    received: Decimal = Decimal(0)


async def free(session: AsyncSession, items: Iterable[str]) -> dict[str, Free]:
    """What is free of these items; until this transaction ends nobody else claims any."""
    await session.execute(TAKE_TURNS)
    rows = await session.execute(FREE, {"items": list(items)})
    return {row.item_code: Free(row.on_stock, row.on_order) for row in rows}


async def issued_to(session: AsyncSession, order_no: str, line_no: int) -> dict[str, Decimal]:
    """By item, what the workshop has received for this line already."""
    rows = await session.execute(ISSUED, {"order_no": order_no, "line_no": line_no})
    return {row.item_code: row.issued for row in rows}


async def claim(session: AsyncSession, order_no: str, line_no: int, claims: Mapping[str, Decimal]) -> None:
    """Keep this much for the line, whoever asks later."""
    await book(session, order_no, line_no, claims, {})


async def book(
    session: AsyncSession, order_no: str, line_no: int, claimed: Mapping[str, Decimal], issued: Mapping[str, Decimal]
) -> None:
    items = sorted({*claimed, *issued})
    values = {
        "order_no": order_no,
        "line_no": line_no,
        "items": items,
        "claimed": [claimed.get(item, Decimal(0)) for item in items],
        "issued": [issued.get(item, Decimal(0)) for item in items],
    }
    if items:
        await session.execute(CLAIM, values)


async def expect(session: AsyncSession, order_no: str | None, *entries: Coming) -> None:
    """Book what is short, ordered or received for lines of requirements."""
    values: dict[str, object] = {
        "order_no": order_no or "",
        "nos": [entry.requirement_no for entry in entries],
        "lines": [entry.line_no for entry in entries],
        "items": [entry.item_code for entry in entries],
        "shorts": [entry.short for entry in entries],
        "ordered": [entry.ordered for entry in entries],
        "received": [entry.received for entry in entries],
    }
    if entries:
        await session.execute(EXPECT, values)


async def let_go(session: AsyncSession, order_no: str, line_no: int | None = None) -> None:
    """The line, or the whole order, claims no more than it has; what was ordered for it is free for others."""
    await session.execute(LET_GO, {"order_no": order_no, "line_no": line_no})
    await session.execute(FORGET_SHORT, {"order_no": order_no, "line_no": line_no})


async def unit_costs(session: AsyncSession, items: Iterable[str]) -> dict[str, Decimal]:
    """What was last paid for these items, in CNY, where they were ever bought."""
    rows = await session.execute(COST, {"items": list(items)})
    return {row.item_code: row.unit_cost for row in rows}


async def take_count(session: AsyncSession, event: warehouse.StockCounted) -> None:
    """A count corrects the books by its difference, so it may come before or after the movements around it."""
    await move(session, {event.item_code: event.counted - event.booked})


async def take_receipt(session: AsyncSession, event: warehouse.GoodsReceived) -> None:
    await move(session, {event.item_code: event.quantity})
    if event.requirement_no is not None and event.requirement_line_no is not None:
        line = Coming(event.requirement_no, event.requirement_line_no, event.item_code, received=event.quantity)
        await expect(session, event.order_no, line)
        row = {"lot": event.lot, "requirement_no": event.requirement_no, "item_code": event.item_code}
        await session.execute(insert(ReceivedLot).values(row).on_conflict_do_nothing())


async def take_purchase(session: AsyncSession, event: purchasing.PurchaseOrderIssued) -> None:
    prices = {line.item_code: line.unit_price for line in event.lines}
    await session.execute(PRICE, {"items": list(prices), "prices": list(prices.values())})
    ordered = [
        Coming(line.requirement_no, line.requirement_line_no, line.item_code, ordered=line.quantity)
        for line in event.lines
    ]
    await expect(session, event.order_no, *ordered)


async def take_issue(session: AsyncSession, order_no: str, line_no: int, issued: Mapping[str, Decimal]) -> None:
    """Material left the warehouse for this line's production."""
    await move(session, {item: -quantity for item, quantity in issued.items()})
    await book(session, order_no, line_no, {}, issued)


async def move(session: AsyncSession, moved: Mapping[str, Decimal]) -> None:
    if moved:
        await session.execute(MOVE, {"items": list(moved), "quantities": list(moved.values())})
