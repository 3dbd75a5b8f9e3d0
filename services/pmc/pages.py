"""What do planning's and the workshop's people see? The pages of their desk, and who has looked at what is said of their health."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from chassis.language import Label
from chassis.looks import LookKeeping
from chassis.ui.pages import Entry, Pages
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from services.pmc.api import desk
from services.pmc.models import HealthLook

MOST = 200

router = APIRouter(include_in_schema=False)


@router.get("/looks")
async def show_looks(request: Request) -> HTMLResponse:
    """Who has read my injuries, the latest first; nobody else's."""
    async with visit(request, everybody=True) as seen:
        query = select(HealthLook).where(HealthLook.whose == seen.person.employee)
        found = (await seen.session.scalars(query.order_by(HealthLook.id.desc()).limit(MOST))).all()
    return render(request, "looks.html", seen, looks=found, kept_days=LookKeeping().look_retention_days)


pages = Pages(
    desk,
    menu=(Entry(Label("谁查看过", "Who has looked"), "/looks", everybody=True),),
    routers=(router,),
    templates=(Path(__file__).parent / "templates",),
)
