"""Where does a manager find the breaches for which nobody could be named?"""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.errors import PostNotHeld
from chassis.language import word
from chassis.ui.places import command_path
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from services.accountability.people.staff import MANAGERS
from services.accountability.privacy.seeing import SEE_ALL, sees_all
from services.accountability.process import suspicions

router = APIRouter(include_in_schema=False)


@router.get("/suspicions")
async def show_suspicions(request: Request, order_no: str = "") -> HTMLResponse:
    """What waits for one's word, and for whoever sees all what waits for others'; raises PostNotHeld."""
    async with visit(request, everybody=True) as seen:
        leads = {*MANAGERS.values(), *SEE_ALL}
        if not seen.person.holds(leads):
            raise PostNotHeld(employee=seen.person.employee, posts=[str(word(post)) for post in sorted(leads)])
        found = await suspicions.unsettled(seen.session, seen.person, order_no.strip().upper())
    return render(
        request,
        "suspicions.html",
        seen,
        suspicions=found,
        order_no=order_no,
        sees_all=sees_all(seen.person),
        clear=partial(command_path, request.app.state.desk.commands["clear_suspicion"]),
        most=suspicions.MOST,
    )
