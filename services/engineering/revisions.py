"""What changed in a released package, who changed it, and who must be told?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import lock, move
from chassis.errors import Refusal
from chassis.language import Label, word
from contracts.event import Actor
from services.engineering.models import Package, PackageStatus
from services.engineering.orders import check_wanted
from services.engineering.packages import Draft, apply, next_revision
from services.engineering.queries import revision_underway


class NotReleased(Refusal):
    code = "package_not_released"
    message = Label(
        "工程资料 {no} 现在是“{status}”,只有已发布的现行版可以升版。",
        "Package {no} is {status}; only the released revision in force can be revised.",
    )


class RevisionUnderway(Refusal):
    code = "revision_underway"
    message = Label(
        "{no} 正在编制,尚未发布。请先发布它。", "{no} is being worked on already. Please release that one first."
    )


class Change(Draft):
    """What is different from the revision in force, and why; blank parts stay as they are."""

    change: str = Field(min_length=1, max_length=4000)


async def revise(session: AsyncSession, no: str, form: Change, *, by: Actor, now: datetime) -> Package:
    """Draft the next revision; the one in force stays in force until this one is released."""
    package = await lock(session, Package, no)
    await check_wanted(session, package.order_no or "")
    if package.status != PackageStatus.RELEASED:
        raise NotReleased(no=no, status=word(package.status))
    underway = await revision_underway(session, package.package_no)
    if underway is not None:
        raise RevisionUnderway(no=underway.no)
    following = await next_revision(session, package, maker=by.employee, now=now)
    mark_revised(following, form, by=by)
    return following


def mark_revised(package: Package, form: Change, *, by: Actor) -> None:
    move(package, PackageStatus.DRAFT)
    package.change, package.drafted_by = form.change, by.employee
    apply(package, form)
