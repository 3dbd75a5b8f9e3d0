"""What do I owe, what does my department owe, to whom and by when? The first page everybody sees."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from chassis import listing
from chassis.acting import sign_handover
from chassis.api import who
from chassis.errors import PostNotHeld
from chassis.sight import words
from chassis.signals import signal_of
from chassis.ui.places import fulfilling, owed_by, own_page, place_of
from chassis.ui.rendering import is_partial, render
from chassis.ui.urgency import STRUCK_SHOWN, grouped
from chassis.ui.visits import Visit, check_form_token, visit
from contracts.event import DutyRef

router = APIRouter(include_in_schema=False)


@router.get("/")
async def worklist(request: Request, whose: str = "mine", q: str = "") -> Response:
    """The whole page, or for htmx only the duties, with the numbers around them. Others are led to what is their own."""
    open_to_others = any(shelf.sight.everybody for shelf in request.app.state.desk.shelves.values())
    moment = signal_of(request.app).moment  # before anything is read: what changes meanwhile is told again
    async with visit(request, everybody=open_to_others) as seen:
        if not seen.reader:
            return RedirectResponse(await own_place(request, seen), 303)
        context = await duties_shown(request, seen, whose, q)
    template = "worklist_duties.html" if is_partial(request) else "worklist.html"
    return render(request, template, seen, moment=moment, **context)


async def own_place(request: Request, seen: Visit) -> str:
    """Where somebody of another department finds what is theirs; raises PostNotHeld where nothing here is."""
    state = request.app.state
    for shelf in state.desk.shelves.values():
        if shelf.sight.everybody and await shelf.sight.holds_something(seen.session, seen.person):
            return f"/{shelf.path}"
    for entry in state.menu:
        if entry.everybody:
            return str(entry.path)
    raise PostNotHeld(employee=seen.person.employee, posts=words(state.desk.readers))


async def duties_shown(request: Request, seen: Visit, whose: str, q: str) -> dict[str, Any]:
    whose = whose if whose in ("mine", "everyone") else "mine"
    person = seen.person if whose == "mine" else None
    wanted = listing.DutyFilter(person=person, q=q, struck_since=seen.now - STRUCK_SHOWN)
    duties = await listing.duties_of(seen.session, wanted)
    desk = request.app.state.desk
    return {
        "groups": grouped(duties, seen.now),
        "whose": whose,
        "q": q,
        "place_of": lambda duty: place_of(desk, duty),
        "fulfilling": lambda duty: fulfilling(desk, duty, seen.person),
        "owed_by_me": lambda duty: owed_by(duty, seen.person),
    }


@router.post("/worklist/sign")
async def sign(
    request: Request,
    link: Annotated[str, Form()],
    key: Annotated[str, Form()],
    token: Annotated[str, Form()] = "",
    whose: Annotated[str, Form()] = "mine",
    q: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Sign for a handover (签收), and show the worklist as it is then."""
    check_form_token(request, token)
    employee = await who(request, None)
    await sign_handover(request.app.state.engine, request.app.state.desk, employee, DutyRef(link=link, key=key))
    if is_partial(request):
        return await worklist(request, whose, q)
    return RedirectResponse(own_page(back), 303)
