"""What material does a quantity of a product need? Pure arithmetic on the bill of material."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from contracts.engineering import BomItem
from contracts.pmc import Component

STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Need:
    """One bought material; `allowance` is the planned waste on top of what is required."""

    item_code: str
    description: str
    unit: str
    required: Decimal
    allowance: Decimal
    lead_time_days: int

    def __add__(self, other: "Need") -> "Need":
        return Need(
            self.item_code,
            self.description,
            self.unit,
            self.required + other.required,
            self.allowance + other.allowance,
            max(self.lead_time_days, other.lead_time_days),
        )


def explode(bom: Iterable[BomItem], quantity: Decimal) -> list[Need]:
    """One need per bought item, in the order of the bill; what is made here is made of its own entries.

    A bill states every quantity for one finished product, at whatever level: nothing is multiplied through assemblies.
    """
    needs: dict[str, Need] = {}
    for item in bom:
        if item.purchased:
            need = need_of(item, quantity)
            needs[item.item_code] = needs[item.item_code] + need if item.item_code in needs else need
    return list(needs.values())


def need_of(item: BomItem, quantity: Decimal) -> Need:
    required = item.quantity * quantity
    return Need(
        item.item_code,
        item.description,
        item.unit,
        required.quantize(STEP),
        (required * item.waste_allowance_percent / 100).quantize(STEP),
        item.lead_time_days,
    )


def component(need: Need) -> Component:
    """What the warehouse must issue of it."""
    return Component(
        item_code=need.item_code,
        description=need.description,
        unit=need.unit,
        required=need.required,
        allowance=need.allowance,
    )
