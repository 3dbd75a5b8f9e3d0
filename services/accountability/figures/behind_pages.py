"""Where does somebody see what stands behind a figure: its handovers, missed dates or records, and what they come to?"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.errors import NotFound
from chassis.language import Label, word
from chassis.sight import How, Look, purpose_of
from chassis.ui.rendering import render
from chassis.ui.visits import Visit, visit
from services.accountability.figures import behind, growing
from services.accountability.figures.behind import Asked
from services.accountability.figures.report_cells import NOBODY, SPARED, UNDER_WAY, WHY, hours
from services.accountability.judging import Judging
from services.accountability.models import HandoverOutcome
from services.accountability.privacy import seeing
from services.accountability.privacy.sealed import handovers_sealed

router = APIRouter(include_in_schema=False)
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
SAID = {
    behind.DECIDED: Label("已裁定", "decided"),
    behind.UNDER: UNDER_WAY,
    behind.MOVED: SPARED,
    behind.STANDING: Label("未撤销", "not withdrawn"),
    **WHY,
}
SAID_OF_NONE = {"department": NOBODY, "clause": Label("无条款", "no clause")}


@router.get("/reports/{month}/handovers")
async def list_handovers(
    request: Request,
    month: str,
    department: str = "",
    link: str = "",
    outcome: str = "",
    person: str = "",
    after: str = "",
) -> HTMLResponse:
    """The handovers behind a figure; of one person's only for who may read their name."""
    judging: Judging = request.app.state.companion.judging
    asked = Asked(department=department, link=link, outcome=outcome, person=person, after=after)
    async with visit(request, everybody=True) as seen:
        first, eyes = first_of(month), await eyes_for(seen, person)
        page = await behind.handovers(seen.session, first, asked)
        summed = await behind.sum_of_handovers(seen.session, judging.state, first, asked)
        sealed = await handovers_sealed(seen.session, page.items)
        cost = await growing.costs(seen.session, judging.state, page.items)
    chosen = {"department": department, "link": link, "outcome": outcome, "person": person}
    return render(
        request,
        "report_handovers.html",
        seen,
        **around(month, chosen, page, after, seen),
        summed=summed,
        cost=cost,
        who_of=partial(who_of, eyes, sealed),
    )


@router.get("/reports/{month}/dates")
async def list_dates(
    request: Request,
    month: str,
    department: str = "",
    link: str = "",
    clause: str = "",
    why: str = "",
    after: str = "",
) -> HTMLResponse:
    """The missed dates behind a first cause: each leads to its order."""
    asked = Asked(department=department, link=link, clause=clause, why=why, after=after)
    async with visit(request, everybody=True) as seen:
        page = await behind.dates(seen.session, first_of(month), asked)
        summed = await behind.sum_of_dates(seen.session, first_of(month), asked)
    chosen = {"department": department, "link": link, "clause": clause, "why": why}
    return render(
        request, "report_dates.html", seen, **around(month, chosen, page, after, seen), summed=summed, why=WHY
    )


@router.get("/reports/{month}/records")
async def list_records(
    request: Request, month: str, department: str = "", status: str = "", person: str = "", after: str = ""
) -> HTMLResponse:
    """The records behind a figure that this person may see, as they stand now; figures are everybody's, records are not."""
    asked = Asked(department=department, status=status, person=person, after=after)
    async with visit(request, everybody=True) as seen:
        first, may = first_of(month), seeing.RECORDS.which(seen.person)
        await eyes_for(seen, person)
        page = await behind.penalty_records(seen.session, first, asked, may)
        summed = await behind.sum_of_records(seen.session, first, asked, may)
        await seeing.RECORDS.note(seen.session, seen.person, page.items, Look(How.LIST, purpose_of(request)))
    chosen = {"department": department, "status": status, "person": person}
    return render(request, "report_records.html", seen, **around(month, chosen, page, after, seen), summed=summed)


async def eyes_for(seen: Visit, person: str) -> seeing.Eyes:
    """Whose names may be read; raises NotTheirs for who may not ask after this person."""
    eyes = await seeing.eyes_of(seen.session, seen.person)
    if person:
        seeing.admit(eyes, person)
    return eyes


def around(month: str, chosen: Mapping[str, str], page: behind.Page[Any], after: str, seen: Visit) -> dict[str, Any]:
    """What every such list says beside its cases: to what it is narrowed down, and how it goes on."""
    known = {name: value for name, value in chosen.items() if value}
    return {
        "month": month,
        "rows": page.items,
        "chosen": " · ".join(said(name, value, seen) for name, value in known.items()),
        "here": f"?{urlencode(known)}",
        "after": after,
        "next": f"?{urlencode(known | {'after': page.next})}" if page.next else "",
        "hours": hours,
    }


def said(name: str, value: str, seen: Visit) -> str:
    """What a list is narrowed down to, in words."""
    if name == "person":
        return seen.name_of(value)
    if value == behind.NONE:
        return str(SAID_OF_NONE[name])
    return str(SAID.get(value, word(value)))


def who_of(eyes: seeing.Eyes, sealed: Collection[tuple[str, int]], row: HandoverOutcome) -> str | None:
    """Whoever answers for a handover, else whose it is, as far as this person may read it."""
    who = row.person or row.assignee
    if who is None or not eyes.see(who):
        return None
    return who if who == eyes.person.employee or (row.duty, row.attempt) not in sealed else None


def first_of(month: str) -> date:
    """The first day of `2026-10`; raises NotFound."""
    found = MONTH.fullmatch(month)
    if found is None:
        raise NotFound(kind=Label("月份", "month"), no=month)
    return date(int(found[1]), int(found[2]), 1)
