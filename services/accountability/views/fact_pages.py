"""Where is one fact of the ledger read, by whoever may see a record that rests on it?"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from chassis.sight import How, Look, purpose_of
from chassis.ui.rendering import render
from chassis.ui.visits import visit
from services.accountability.views import facts

HIGHEST = (1 << 63) - 1

router = APIRouter(include_in_schema=False)


@router.get("/facts/{position}")
async def show_fact(
    request: Request, position: Annotated[int, Path(ge=1, le=HIGHEST)], record: str = ""
) -> HTMLResponse:
    """One fact in plain words, with the names that the reader may read; `record` is the one from which they come."""
    async with visit(request, everybody=True) as seen:
        found = await facts.seen(seen.session, seen.person, position, record, Look(How.FACT, purpose_of(request)))
    return render(
        request,
        "fact.html",
        seen,
        fact=found.fact,
        records=found.records,
        eyes=found.eyes,
        lines=[line for line in facts.in_words(found.fact.data, seen.name_of) if line.field != "order_no"],
    )
