"""How does a person look through the documents of one kind, find some of them, and take them along as a spreadsheet?"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from chassis import listing
from chassis.desk import Desk, Shelf
from chassis.instants import FACTORY
from chassis.language import Label
from chassis.sight import How, Look, purpose_of
from chassis.ui import sheets
from chassis.ui.places import allowed
from chassis.ui.rendering import download, is_partial, render
from chassis.ui.shapes import Member, Shape, members_of, members_of_document
from chassis.ui.visits import Visit, visit

PAGE, MOST_EXPORTED, EXPORT_STEP = 50, 20_000, 1_000
CUT = Label(
    "到 {last} 为止;还有 {count} 份更早的未列出。其余请打开 {address} 导出,或先筛选再导出。",
    "This ends at {last}; {count} older ones are left out. For the rest open {address}, or filter before you export.",
)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_list(router: APIRouter, desk: Desk, shelf: Shelf) -> None:
    """The list of one shelf, and its export unless the documents are confidential."""

    async def show_list(request: Request, q: str = "", after: str | None = None) -> HTMLResponse:
        filters = wanted_filters(shelf, request.query_params)
        async with visit(request, everybody=True) as seen:
            shelf.sight.admit(seen.person)
            wanted = listing.Wanted(q, filters, after, PAGE, shelf.sight.among(seen.person, filters))
            page = await listing.page(seen.session, shelf, wanted)
            shown = await shelf.sight.show(seen.session, seen.person, page.items, Look(How.LIST))
        template = "list_rows.html" if is_partial(request) else "list.html"
        return render(
            request, template, seen, **context_of(desk, shelf, seen, replace(page, items=shown), q, filters, after)
        )

    async def export_list(request: Request, q: str = "", after: str | None = None) -> Response:
        filters = wanted_filters(shelf, request.query_params)
        async with visit(request, everybody=True) as seen:
            shelf.sight.admit(seen.person)
            look = Look(How.SPREADSHEET, purpose_of(request))
            wanted = listing.Wanted(q, filters, after, EXPORT_STEP, shelf.sight.among(seen.person, filters))
            found, last = await everything(seen, shelf, wanted)
            below = await left_out(request, seen, shelf, replace(wanted, after=last)) if last else None
            documents = await shelf.sight.show(seen.session, seen.person, found, look)
        content = await asyncio.to_thread(sheets.workbook, shelf.kind, documents, seen, below)
        part = "-part" if after or below else ""
        name = f"{shelf.path}-{seen.now.astimezone(FACTORY):%Y%m%d-%H%M}{part}.xlsx"
        return download(content, EXCEL, name)

    router.add_api_route(f"/{shelf.path}", show_list, methods=["GET"], response_model=None)
    if not shelf.kind.confidential:
        router.add_api_route(f"/{shelf.path}.xlsx", export_list, methods=["GET"], response_model=None)


def wanted_filters(shelf: Shelf, parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: parameters[name].strip() for name in shelf.filters if parameters.get(name, "").strip()}


async def everything(seen: Visit, shelf: Shelf, wanted: listing.Wanted) -> tuple[list[Any], str | None]:
    """All that the list would show, up to what a spreadsheet is good for; and where it was cut, the last number."""
    documents: list[Any] = []
    after = wanted.after
    while len(documents) < MOST_EXPORTED:
        page = await listing.page(seen.session, shelf, replace(wanted, after=after))
        documents += page.items
        after = page.next
        if after is None:
            break
    return documents, after


async def left_out(request: Request, seen: Visit, shelf: Shelf, wanted: listing.Wanted) -> str:
    """How many older ones a spreadsheet leaves out, and the address of the one that begins with them."""
    count = await listing.count(seen.session, shelf, wanted)
    address = request.url.include_query_params(after=wanted.after)
    return str(CUT.filled(last=wanted.after, count=count, address=address))


def context_of(
    desk: Desk,
    shelf: Shelf,
    seen: Visit,
    page: listing.Page,
    q: str,
    filters: dict[str, str],
    after: str | None,
) -> dict[str, Any]:
    chosen = {"q": q, **filters} if q else dict(filters)
    members = {member.name: member for member in members_of_document(shelf.kind)}
    return {
        "shelf": shelf,
        "columns": [members[name] for name in shelf.columns],
        "page": page,
        "q": q,
        "filters": filters,
        "filter_members": [
            # The status has its own place, and the search for a number finds order numbers too.
            filter_member(desk, shelf, members[name])
            for name in shelf.filters
            if name not in ("status", "order_no")
        ],
        "after": after,
        "here": f"/{shelf.path}?{urlencode(chosen)}" if chosen else f"/{shelf.path}",
        "next_page": f"/{shelf.path}?{urlencode({**chosen, 'after': page.next})}" if page.next else None,
        "export": f"/{shelf.path}.xlsx?{urlencode(chosen)}" if chosen else f"/{shelf.path}.xlsx",
        "creating": allowed(desk.creating(shelf.kind), seen.person),
    }


def filter_member(desk: Desk, shelf: Shelf, stored: Member) -> Member:
    """What a filter lets one choose from: what the form that makes these documents offers for the same field."""
    for command in desk.creating(shelf.kind):
        for asked in members_of(command.form):
            if asked.name == stored.name and asked.shape in (Shape.CHOICE, Shape.PERSON):
                return asked
    return stored
