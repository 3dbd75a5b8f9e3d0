"""Do goods that fail before they leave go back to the workshop, and leave later, booked once, with nobody else to blame?"""

from decimal import Decimal
from pathlib import Path

from deploy.local.player.timeline import STORIES
from deploy.local.system import System
from tests.flows.played import PEOPLE, check_ledger, play, rows

NAME = "failed_before_leaving"
LOT = "SELECT quantity, remaining FROM lots WHERE item_code = 'P-GGD'"


async def test_goods_that_fail_before_they_leave_are_the_workshops_until_reworked(system: System, tmp_path: Path):
    """A story of its own beside the sample's bases."""
    (tmp_path / "basis").symlink_to(STORIES / "basis")
    (tmp_path / f"{NAME}.yaml").symlink_to(Path(__file__).with_name(f"{NAME}.yaml"))

    played = await play(system, str(tmp_path / NAME))

    outcome = played.outcomes[NAME]
    assert outcome.differences(PEOPLE) == []
    assert [duty for left in played.open_duties.values() for duty in left if duty["order_no"] == outcome.order_no] == []
    warehouse, pmc = system.database_url("warehouse"), system.database_url("pmc")
    assert [row["quantity"] for row in await rows(warehouse, "SELECT quantity FROM finished_receipts")] == [Decimal(2)]
    assert [tuple(row) for row in await rows(warehouse, LOT)] == [(Decimal(2), Decimal(0))]
    assert [tuple(row) for row in await rows(pmc, "SELECT status, good FROM production_orders")] == [
        ("closed", Decimal(2))
    ]
    await check_ledger(system)
