"""Where do HR and the general manager find what waits for them?"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.errors import PostNotHeld
from chassis.language import word
from chassis.named import sees_all
from chassis.sight import How, Look
from chassis.ui.places import command_path
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from contracts.posts import SEE_ALL
from services.accountability.privacy import seeing
from services.accountability.views import waiting

router = APIRouter(include_in_schema=False)

MOST = 200


@router.get(waiting.PATH)
async def show_waiting(request: Request) -> HTMLResponse:
    """What somebody has to see to; that they see whom it concerns is written down. Raises PostNotHeld."""
    async with visit(request, everybody=True) as seen:
        if not sees_all(seen.person):
            posts = [str(word(post)) for post in sorted(SEE_ALL)]
            raise PostNotHeld(employee=seen.person.employee, posts=posts)
        found = await waiting.waiting(seen.session, seen.person)
        shown = found[:MOST]
        named = [(one.document.no, one.document.person) for one in shown]
        await seeing.note(seen.session, seen.person, named, Look(How.LIST))
    commands = request.app.state.desk.commands

    def place(name: str, one: waiting.Waiting) -> str:
        return command_path(commands[name], None if one.asked else one.document.no, **one.asked)

    return render(
        request,
        "waiting.html",
        seen,
        shown=shown,
        in_all=len(found),
        commands=commands,
        place=place,
    )
