"""How is the answer to a question what-if read? Each difference on a line that leaves its reasons the room they take."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.sight import How, Look, purpose_of
from chassis.ui.details import looked_at
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from services.accountability.api import desk
from services.accountability.models import WhatIf

router = APIRouter(include_in_schema=False)


@router.get("/what-ifs/{no:path}")
async def show_what_if(request: Request, no: str, done: str = "") -> HTMLResponse:
    """What was supposed, and what would be otherwise."""
    async with visit(request, everybody=True) as seen:
        look = Look(How.PAGE, purpose_of(request))
        context = await looked_at(seen, desk, desk.shelf_of(WhatIf), no, done, look)
    return render(request, "what_if.html", seen, **context)
