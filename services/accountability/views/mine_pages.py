"""Where does everybody find what is their own?"""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.errors import NotTheirs
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from services.accountability import queries
from services.accountability.figures import monthly
from services.accountability.figures.report_cells import hours
from services.accountability.judging import Judging
from services.accountability.views import mine

router = APIRouter(include_in_schema=False)


@router.get("/mine")
async def show_mine(request: Request) -> HTMLResponse:
    """My duties, my record, my appeals."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        found = await mine.mine(seen.session, seen.person, seen.name_of)
        judged_to = await queries.judged_to(seen.session)
    commands = request.app.state.desk.commands
    return render(
        request,
        "mine.html",
        seen,
        mine=found,
        judged_to=judged_to,
        commands=commands,
        hours=hours,
        cost=partial(monthly.cost, judging.state),
    )


@router.get("/mine/{employee}")
async def show_theirs(request: Request, employee: str) -> HTMLResponse:
    """One's own page by one's number, for whoever was sent its address; raises NotTheirs for anybody else's."""
    async with visit(request, everybody=True) as seen:
        if seen.person.employee != employee:
            raise NotTheirs(employee=seen.person.employee, no=employee)
    return await show_mine(request)
