"""How are a clause, a link or a setting added to a draft field by field, and how are they left out?

By the same command as every change of a draft, which is validated whole: what would be missed is told with who uses it.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.acting import fresh_key
from chassis.errors import InvalidInput, NotFound, Refusal
from chassis.language import Label
from chassis.ui.rendering import render
from chassis.ui.visits import Visit, visit
from services.accountability.models import Rulebook
from services.accountability.rules import rulebooks
from services.accountability.rules.drafting import entries, fields, pages
from services.accountability.rules.drafting.entries import BACK, Start
from services.accountability.rules.drafting.fields import Body, Field, Section
from services.accountability.rules.mistakes import TWICE
from services.accountability.rules.rulebook_fixed import put_right
from services.accountability.rules.rulebook_loading import shipped_rules

router = APIRouter(include_in_schema=False)

UNCONFIRMED = Label("请先勾选确认。", "Please tick that you mean it.")
ALL = Start(BACK, "")
"""Every question that is missing, at once: one alone would leave the draft without the others, and be refused."""


class StillUsed(Refusal):
    code = "still_used"
    message = Label(
        "{name} 还在使用:{users}。请先改这些地方。", "{name} is still used: {users}. Please change these first."
    )


@dataclass(frozen=True, slots=True)
class Beginning:
    """What may be begun from in a version: its text, and the rulebooks from which something may come back."""

    rulebook: Rulebook
    section: Section
    others: Sequence[Mapping[str, Any]]

    @property
    def missing(self) -> dict[str, Body]:
        return entries.missing(self.rulebook.body, self.section, self.others)


@router.get("/rulebook-additions/{no}/{section}")
async def show_addition(request: Request, no: str, section: Section, start: str = "") -> HTMLResponse:
    """What a new entry may begin from; once that is chosen, its fields."""
    async with visit(request) as seen:
        beginning = await begin(request, seen, no, section)
    if not start:
        return render(
            request,
            "rulebook_addition.html",
            seen,
            beginning=beginning,
            title=pages.ADDABLE[section],
            kinds=entries.KINDS,
        )
    opened = open_addition(beginning, Start.read(start))
    values = {each.name: each.text for each in opened.fields}
    return shown(request, seen, opened, start, {**values, "reason_why": beginning.rulebook.reason})


@router.post("/rulebook-additions/{no}/{section}")
async def add(request: Request, no: str, section: Section, start: str = "") -> Response:
    """Add the entry to the draft, or begin a draft with it."""
    values = await pages.submitted(request)
    async with visit(request) as seen:
        beginning = await begin(request, seen, no, section)
    opened = open_addition(beginning, Start.read(start))
    if values.get("add") == "grounds":
        return shown(request, seen, opened, start, pages.with_a_ground(opened, values))
    try:
        pages.check(opened.rulebook, values, ("code",) if section is Section.CLAUSES else ())
        check_code(opened, values)
        return await pages.write(request, opened.rulebook, with_entry(opened, values), values)
    except Refusal as refusal:
        return shown(request, seen, opened, start, values, refusal)


@router.get("/rulebook-omissions/{no}/{section}/{name}")
async def show_omission(request: Request, no: str, section: Section, name: str) -> HTMLResponse:
    """What would be left out, and who uses it."""
    async with visit(request) as seen:
        opened = await open_omission(request, seen, no, section, name)
    return asked(request, seen, opened, {"reason_why": opened.rulebook.reason})


@router.post("/rulebook-omissions/{no}/{section}/{name}")
async def leave_out(request: Request, no: str, section: Section, name: str) -> Response:
    """Leave an entry out of the draft, or begin a draft without it; what somebody uses stays."""
    values = await pages.submitted(request)
    async with visit(request) as seen:
        opened = await open_omission(request, seen, no, section, name)
    try:
        check_unused(opened)
        pages.check(opened.rulebook, values)
        if values.get("confirmed") != "true":
            raise InvalidInput([{"field": "confirmed", "value": "", "remedy": str(UNCONFIRMED)}])
        body = entries.without(opened.body, section, name)
        put_right(body, shipped_rules())
        return await pages.write(request, opened.rulebook, body, values)
    except Refusal as refusal:
        return asked(request, seen, opened, values, refusal)


async def open_omission(request: Request, seen: Visit, no: str, section: Section, name: str) -> pages.Opened:
    """Raises NotFound; the periods of a rulebook are none of its entries."""
    if section is Section.GENERAL:
        raise NotFound(kind=Rulebook.title, no=no)
    return await pages.open_entry(request, seen, no, section, name)


async def begin(request: Request, seen: Visit, no: str, section: Section) -> Beginning:
    """Raises NotFound; what is missing comes back from the version compared with, else from the shipped one."""
    rulebook = await pages.may_change(request, seen, no)
    if section is Section.GENERAL:
        raise NotFound(kind=Rulebook.title, no=no)
    before = await rulebooks.body_of(seen.session, rulebook.based_on) if rulebook.based_on else None
    return Beginning(rulebook, section, [each for each in (before, shipped_rules()) if each is not None])


def open_addition(beginning: Beginning, start: Start) -> pages.Opened:
    """The new entry in its place, with its fields; raises NotFound where there is nothing to begin from."""
    rulebook, section = beginning.rulebook, beginning.section
    if section is Section.SETTINGS and start == ALL and beginning.missing:
        return pages.Opened(rulebook, section, "", (), [], with_all(beginning))
    found = entries.begun(rulebook.body, section, start, beginning.others)
    if found is None:
        raise NotFound(kind=pages.SECTIONS[section], no=start.name)
    place, entry = found
    body = entries.added(rulebook.body, section, place, entry)
    code = [Field("code", "text", entry["code"])] if section is Section.CLAUSES else []
    name = "" if code else entry[fields.NAMES[section]]
    return pages.Opened(
        rulebook, section, name, (section, place), [*code, *fields.fields_of(body, section, entry)], body
    )


def with_all(beginning: Beginning) -> Body:
    body: Body = dict(beginning.rulebook.body)
    for name, entry in beginning.missing.items():
        place = entries.place_of(body, Section.SETTINGS, name, beginning.others)
        body = entries.added(body, Section.SETTINGS, place, entry)
    return body


def with_entry(opened: pages.Opened, values: Mapping[str, str]) -> Body:
    """The rulebook with the entry as it was filled in."""
    body: Body = deepcopy(dict(opened.body))
    if opened.place:
        entry = fields.at(body, ".".join(map(str, opened.place)))
        fields.fill(body, opened.section, entry, values)
        if opened.section is Section.CLAUSES:
            entry["code"] = values["code"].strip()
    put_right(body, shipped_rules())
    return body


def check_code(opened: pages.Opened, values: Mapping[str, str]) -> None:
    """Raises InvalidInput where another clause is called so; what a code looks like the draft is asked for."""
    code = values.get("code", "").strip()
    if opened.section is Section.CLAUSES and code in entries.names(opened.rulebook.body, opened.section):
        raise InvalidInput([{"field": "code", "value": code, "remedy": str(TWICE.filled(code=code))}])


def check_unused(opened: pages.Opened) -> None:
    """Raises StillUsed."""
    users = entries.users(opened.body, opened.section, opened.name)
    if users:
        raise StillUsed(name=opened.name, users=[str(user.how) for user in users])


def shown(
    request: Request,
    seen: Visit,
    opened: pages.Opened,
    start: str,
    values: dict[str, str],
    refusal: Refusal | None = None,
) -> HTMLResponse:
    """The form of an entry that is to be added."""
    return pages.filled(request, seen, opened, values, refusal, adding=Start.read(start))


def asked(
    request: Request, seen: Visit, opened: pages.Opened, values: dict[str, str], refusal: Refusal | None = None
) -> HTMLResponse:
    """The question whether an entry is to be left out."""
    errors = {error["field"]: error["remedy"] for error in refusal.errors} if isinstance(refusal, InvalidInput) else {}
    told = refusal.mistakes if isinstance(refusal, rulebooks.RulebookRefused) else ()
    return render(
        request,
        "rulebook_omission.html",
        seen,
        status=refusal.status if refusal else 200,
        opened=opened,
        heading=pages.SECTIONS[opened.section],
        users=entries.users(opened.body, opened.section, opened.name),
        values=values,
        errors=errors,
        others=[each.placed for each in told],
        refusal=refusal,
        key=fresh_key(),
        stamp=values.get("seen") or pages.stamp(opened.rulebook),
        begins=pages.begins(opened.rulebook),
    )
