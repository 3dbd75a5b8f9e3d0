"""How much of each item is there, in which lots, and how is it moved so that it never turns negative?"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.errors import Refusal
from chassis.language import Label
from contracts.event import SYSTEM_ACTOR
from services.warehouse.queries import KEPT

# One statement locks the rows of all items in the same order everywhere, makes those that are missing, and reads them.
HOLD = text("""
INSERT INTO stock (no, status, unit, quantity, location, made_by, made_at)
SELECT item, 'in_stock', unit, 0, '', :by, :at
FROM unnest(CAST(:items AS text[]), CAST(:units AS text[])) AS wanted (item, unit) ORDER BY item
ON CONFLICT (no) DO UPDATE SET quantity = stock.quantity RETURNING no, quantity
""")
ADD = text("""
INSERT INTO stock (no, status, unit, quantity, location, made_by, made_at)
VALUES (:item, 'in_stock', :unit, :quantity, :location, :by, :at)
ON CONFLICT (no) DO UPDATE SET quantity = stock.quantity + excluded.quantity,
    location = coalesce(nullif(excluded.location, ''), stock.location)
""")
PROMISE = text("SELECT pg_advisory_xact_lock(hashtextextended('warehouse.promises', 0))")
# The oldest lots first, those kept for another order last; an order's own before all others where that is asked for.
TAKE = text(f"""
WITH wanted AS (
    SELECT * FROM unnest(CAST(:items AS text[]), CAST(:quantities AS numeric[])) AS wanted (item, quantity)
), booked AS (
    UPDATE stock SET quantity = stock.quantity - wanted.quantity FROM wanted WHERE stock.no = wanted.item
), ranked AS (
    SELECT lots.no, lots.item_code, lots.remaining, wanted.quantity AS wanted,
        sum(lots.remaining) OVER (
            PARTITION BY lots.item_code
            ORDER BY :own_first AND lots.order_no = CAST(:order_no AS text) DESC NULLS LAST, {KEPT},
                lots.received_at, lots.no
        ) - lots.remaining AS before
    FROM lots JOIN wanted ON wanted.item = lots.item_code WHERE lots.remaining > 0
), taken AS (
    SELECT no, item_code, least(remaining, wanted - before) AS quantity FROM ranked WHERE before < wanted
)
UPDATE lots SET remaining = lots.remaining - taken.quantity FROM taken WHERE lots.no = taken.no
RETURNING lots.no, taken.item_code, taken.quantity
""")  # noqa: S608 - the condition is our constant


class NotEnoughStock(Refusal):
    code, field = "not_enough_stock", "quantity"
    message = Label(
        "物料 {item_code} 库存 {there},不够发出 {wanted}。请减少数量或等待入库。",
        "{there} of {item_code} are in stock, not enough for {wanted}. Please take less or wait for a receipt.",
    )


async def hold(session: AsyncSession, units: Mapping[str, str]) -> dict[str, Decimal]:
    """Lock these items (each with the unit it is counted in) until the transaction ends; what is there of each."""
    values = {"items": list(units), "units": list(units.values()), "by": SYSTEM_ACTOR, "at": await factory_now(session)}
    return {row.no: row.quantity for row in await session.execute(HOLD, values)}


async def promise_alone(session: AsyncSession) -> None:
    """Nobody else promises stock until this transaction ends: two who looked at once would promise the same goods.

    Taken after the rows of stock; what is read in later statements is what everybody before has promised.
    """
    await session.execute(PROMISE)


async def add(session: AsyncSession, item: str, unit: str, quantity: Decimal, location: str, *, at: datetime) -> None:
    """Book more of an item; its lot is the caller's."""
    values = {"item": item, "unit": unit, "quantity": quantity, "location": location, "by": SYSTEM_ACTOR, "at": at}
    await session.execute(ADD, values)


async def take(
    session: AsyncSession,
    wanted: Mapping[str, Decimal],
    there: Mapping[str, Decimal],
    *,
    order_no: str | None = None,
    own_first: bool = False,
) -> dict[str, list[str]]:
    """Book items out of their lots for an order, the oldest first; the lots by item. Raises NotEnoughStock.

    `there` is what `hold` found; without it nobody may move the items.
    """
    check_enough(wanted, there)
    values = {
        "items": list(wanted),
        "quantities": list(wanted.values()),
        "order_no": order_no,
        "own_first": own_first,
    }
    lots: dict[str, list[str]] = {item: [] for item in wanted}
    for row in await session.execute(TAKE, values):
        lots[row.item_code].append(row.no)
    return {item: sorted(numbers) for item, numbers in lots.items()}


def check_enough(wanted: Mapping[str, Decimal], there: Mapping[str, Decimal]) -> None:
    for item, quantity in wanted.items():
        if quantity > there.get(item, Decimal(0)):
            raise NotEnoughStock(item_code=item, there=there.get(item, Decimal(0)), wanted=quantity)


def fits(wanted: Mapping[str, Decimal], free: Mapping[str, Decimal]) -> bool:
    """Whether all of it is there at once."""
    return all(free.get(item, Decimal(0)) >= quantity for item, quantity in wanted.items())


def items_in(lots: Collection[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Quantities added up by item."""
    total: dict[str, Decimal] = {}
    for item, quantity in lots:
        total[item] = total.get(item, Decimal(0)) + quantity
    return total
