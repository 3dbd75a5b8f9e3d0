"""What does Engineering look up?"""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.waiting import WaitFor
from services.engineering.models import OrderCopy, Package, PackageStatus, Product, StopStatus, WorkStop


async def find_order(session: AsyncSession, order_no: str) -> OrderCopy | None:
    """The copy of an order, locked."""
    return await session.get(OrderCopy, order_no, with_for_update=True)


async def known_order(session: AsyncSession, order_no: str | None) -> OrderCopy:
    """The same for a fact about the order; raises WaitFor while its contract has not come."""
    order = await find_order(session, order_no or "")
    if order is None:
        raise WaitFor("order", order_no or "")
    return order


async def products_of(session: AsyncSession, codes: Collection[str]) -> dict[str, Product]:
    """Those of the product codes that are in the library."""
    found = await session.scalars(select(Product).where(Product.no.in_(codes)))
    return {product.no: product for product in found}


async def packages_of(session: AsyncSession, order_no: str) -> Sequence[Package]:
    """Every revision of every package of an order, locked, the newest revision of a line last."""
    query = select(Package).where(Package.order_no == order_no).order_by(Package.line_no, Package.revision)
    return (await session.scalars(query.with_for_update())).all()


async def newest_packages(session: AsyncSession, order_no: str) -> dict[int, Package]:
    """By order line, the newest revision that was not given up."""
    found = await packages_of(session, order_no)
    return {package.line_no: package for package in found if package.status != PackageStatus.CANCELLED}


async def released_revision(session: AsyncSession, package_no: str) -> Package | None:
    """The revision of a package that is in force, locked."""
    query = select(Package).where(Package.package_no == package_no, Package.status == PackageStatus.RELEASED)
    return (await session.scalars(query.with_for_update())).one_or_none()


async def last_revision(session: AsyncSession, package_no: str) -> int:
    """The highest revision number that a package ever had, given up or not."""
    query = select(func.max(Package.revision)).where(Package.package_no == package_no)
    return (await session.scalars(query)).one()


async def revision_underway(session: AsyncSession, package_no: str) -> Package | None:
    """The revision of a package that somebody is still working on."""
    open_ones = (PackageStatus.OPEN, PackageStatus.DRAFT)
    query = select(Package).where(Package.package_no == package_no, Package.status.in_(open_ones))
    return (await session.scalars(query)).first()


async def stops_in_force(session: AsyncSession, order_no: str) -> Sequence[WorkStop]:
    """The stops of an order that nobody has lifted, locked."""
    query = select(WorkStop).where(WorkStop.order_no == order_no, WorkStop.status == StopStatus.STOPPED)
    return (await session.scalars(query.with_for_update())).all()
