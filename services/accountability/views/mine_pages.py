"""Where does everybody find what is their own?"""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.errors import NotTheirs
from chassis.language import Label
from chassis.ui.rendering import render
from chassis.ui.visits import Visit, visit
from services.accountability import queries
from services.accountability.figures import growing
from services.accountability.figures.behind import Page
from services.accountability.figures.report_cells import hours
from services.accountability.judging import Judging
from services.accountability.models import HandoverOutcome
from services.accountability.views import mine, own_handovers

PAGE = 100

router = APIRouter(include_in_schema=False)


@router.get("/mine")
async def show_mine(request: Request) -> HTMLResponse:
    """My duties, my record, my appeals."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        found = await mine.mine(seen.session, seen.person, seen.name_of)
        cost = await growing.costs(seen.session, judging.state, found.late.items)
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
        cost=cost,
    )


@router.get("/mine/duties")
async def show_duties(request: Request, after: str = "") -> HTMLResponse:
    """All that I owe."""
    async with visit(request, everybody=True) as seen:
        page = await own_handovers.owed(seen.session, seen.person, after, most=PAGE)
    return show_handovers(request, seen, page, after, Label("我要办的交接", "What I owe"))


@router.get("/mine/late")
async def show_late(request: Request, after: str = "") -> HTMLResponse:
    """All that I answer for and that was late."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        page = await own_handovers.late(seen.session, seen.person, after, most=PAGE)
        cost = await growing.costs(seen.session, judging.state, page.items)
    return show_handovers(
        request, seen, page, after, Label("由我负责而超时的交接", "Late handovers I answer for"), cost
    )


def show_handovers(
    request: Request,
    seen: Visit,
    page: Page[HandoverOutcome],
    after: str,
    title: Label,
    cost: Mapping[growing.Place, timedelta] | None = None,
) -> HTMLResponse:
    """Handovers that were late with their `cost`."""
    return render(
        request,
        "mine_handovers.html",
        seen,
        title=title,
        late=cost is not None,
        rows=page.items,
        after=after,
        here=request.url.path,
        next=f"?{urlencode({'after': page.next})}" if page.next else "",
        hours=hours,
        cost=cost,
    )


@router.get("/mine/{employee}")
async def show_theirs(request: Request, employee: str) -> HTMLResponse:
    """One's own page by one's number, for whoever was sent its address; raises NotTheirs for anybody else's."""
    async with visit(request, everybody=True) as seen:
        if seen.person.employee != employee:
            raise NotTheirs(employee=seen.person.employee, no=employee)
    return await show_mine(request)
