"""What do the departments' managers do for the evidence? They countersign paper, and clear what nobody could be named for."""

from chassis.desk import Call, Desk
from chassis.language import Label
from contracts.posts import MANAGERS
from services.accountability.models import Countersignature, SuspicionClearing
from services.accountability.privacy import seeing
from services.accountability.process import countersignatures, suspicions


def keep(desk: Desk) -> None:
    """The shelves."""
    desk.keep(
        Countersignature,
        "countersignatures",
        columns=("no", "order_no", "source", "position", "written_at", "made_by"),
        filters=("source",),
    )
    desk.keep(
        SuspicionClearing,
        "suspicion-clearings",
        columns=("no", "order_no", "clause", "person", "reason", "made_by", "made_at"),
        filters=("clause",),
        sight=seeing.CLEARINGS,
    )


def command(desk: Desk) -> None:
    """Which department's manager it is to be, the use case looks at."""
    managers = frozenset(MANAGERS.values())
    desk.command(Countersignature, Label("会签停机补录", "Countersign paper"), posts=managers)(countersign_paper)
    clear = Label("澄清疑点", "Clear suspicion")
    desk.command(SuspicionClearing, clear, posts=managers, irreversible=True)(clear_suspicion)


async def countersign_paper(call: Call, form: countersignatures.Countersigning) -> Countersignature:
    return await countersignatures.countersign(call.session, form, by=call.by, now=call.now)


async def clear_suspicion(call: Call, form: suspicions.Clearing) -> SuspicionClearing:
    return await suspicions.clear(call.session, form, by=call.by, now=call.now)
