"""Where does a manager find the breaches for which nobody could be named?"""

from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.errors import PostNotHeld
from chassis.language import word
from chassis.named import sees_all
from chassis.sight import How, Look, purpose_of
from chassis.ui.places import command_path
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from contracts.posts import MANAGERS, SEE_ALL
from services.accountability.process.open_suspicions import Place, unsettled

PAGE = 50

router = APIRouter(include_in_schema=False)


@router.get("/suspicions")
async def show_suspicions(request: Request, order_no: str = "", after: str = "") -> HTMLResponse:
    """What waits for one's word, and for whoever sees all what waits for others'; raises PostNotHeld."""
    async with visit(request, everybody=True) as seen:
        leads = {*MANAGERS.values(), *SEE_ALL}
        if not seen.person.holds(leads):
            raise PostNotHeld(employee=seen.person.employee, posts=[str(word(post)) for post in sorted(leads)])
        order, reached = order_no.strip().upper(), place_named(after)
        look = Look(How.SUSPICION, purpose_of(request))
        found = await unsettled(seen.session, seen.person, look, order, after=reached, most=PAGE)
    return render(
        request,
        "suspicions.html",
        seen,
        found=found,
        order_no=order_no,
        here=address(order),
        after=reached,
        next=address(order, found.next) if found.next else "",
        sees_all=sees_all(seen.person),
        clear=partial(command_path, request.app.state.desk.commands["clear_suspicion"]),
    )


def address(order_no: str, after: Place | None = None) -> str:
    asked = {"order_no": order_no, "after": f"{after[0].isoformat()}~{after[1]}" if after else ""}
    told = {name: value for name, value in asked.items() if value}
    return f"/suspicions?{urlencode(told)}" if told else "/suspicions"


def place_named(after: str) -> Place | None:
    """The last one that was shown: `when~key`; anything else begins at the top."""
    stated, _, key = after.partition("~")
    try:
        at = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return (at, key) if at.tzinfo else None
