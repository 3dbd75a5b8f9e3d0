"""By which released revision are an order line's goods inspected (QUA-01)?"""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.engineering import PackageReleased
from services.quality.models import LineStandard
from services.quality.queries import standard_of


async def take(session: AsyncSession, event: PackageReleased) -> None:
    """The newest released revision counts, whichever arrives last."""
    row = {
        "order_no": event.order_no or "",
        "line_no": event.line_no,
        "package_no": event.package_no,
        "revision": event.revision,
        "standard": event.inspection_standard,
    }
    newest = insert(LineStandard).values(row)
    await session.execute(
        newest.on_conflict_do_update(
            index_elements=["order_no", "line_no"], set_=row, where=LineStandard.revision < newest.excluded.revision
        )
    )


async def released_standard(session: AsyncSession, order_no: str | None, line_no: int) -> str:
    """The standard with the package and revision that released it; empty while none has come."""
    found = await standard_of(session, order_no, line_no)
    return f"{found.standard} ({found.package_no}/{found.revision})" if found else ""
