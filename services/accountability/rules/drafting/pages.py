"""What do HR and the general manager see who change a rulebook field by field? A form for each link, clause and setting.

What it does is the command of the text editor: the same validation, history, second person and refusals. A draft that is
changed here, as in the text editor, keeps no comments: the rulebook's data is what is kept.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from chassis.acting import Attempt, fresh_key, is_key, perform
from chassis.api import who
from chassis.desk import Desk
from chassis.documents import find
from chassis.errors import InvalidInput, NotFound, Refusal, StaleForm, WrongStatus
from chassis.language import Label, word
from chassis.sight import How, Look
from chassis.ui.details import looked_at
from chassis.ui.rendering import render
from chassis.ui.visits import Visit, check_form_token, visit
from services.accountability.models import Rulebook, RulebookStatus
from services.accountability.rules import approvals
from services.accountability.rules.drafting import fields, grounds
from services.accountability.rules.drafting.fields import Field, Section
from services.accountability.rules.mistakes import SHAPES, Place
from services.accountability.rules.rule_changes import marked
from services.accountability.rules.rulebook_loading import read_rules, shipped_rules, shipped_settings
from services.accountability.rules.rulebook_settings import Idle, idle
from services.accountability.rules.rulebooks import Draft, Revision, RulebookRefused, digest_of

router = APIRouter(include_in_schema=False)
SECTIONS = {
    Section.GENERAL: Label("期限与容差", "Periods and tolerance"),
    Section.LINKS: Label("环节", "Links"),
    Section.CLAUSES: Label("条款", "Clauses"),
    Section.SETTINGS: Label("原文未定的事项", "What the source leaves open"),
}

ADDABLE = {
    Section.LINKS: Label("增加环节", "Add a link"),
    Section.CLAUSES: Label("增加条款", "Add a clause"),
    Section.SETTINGS: Label("补上未答的问题", "Add what is not answered"),
}

NEEDED = Label("请填写。", "Please fill this in.")


@dataclass(frozen=True, slots=True)
class Opened:
    """One entry of a version, with its fields; `place` is where it stands in the text.

    `body` is the text with the entry as it stands or, of one that is added, as it begins.
    """

    rulebook: Rulebook
    section: Section
    name: str
    place: Place
    fields: list[Field]
    body: Mapping[str, Any]

    @property
    def entry(self) -> Any:
        return fields.at(self.body, ".".join(map(str, self.place))) if self.place else self.body


@router.get("/rulebooks/{no}")
async def show_rulebook(request: Request, no: str, done: str = "") -> HTMLResponse:
    """A version with what it changes, what a draft still lacks, and the way to its forms."""
    desk: Desk = request.app.state.desk
    async with visit(request) as seen:
        context = await looked_at(seen, desk, desk.shelf_of(Rulebook), no, done, Look(How.PAGE))
        document = context["document"]
        is_draft = document.status == RulebookStatus.DRAFT
        standing = await approvals.standing_of(seen.session, document) if is_draft else None
    drafts = seen.person.holds(desk.commands["draft_rulebook"].posts)
    return render(
        request,
        "rulebook.html",
        seen,
        **context,
        standing=standing,
        differences=[(change, *marked(change)) for change in document.changes],
        changes=drafts and document.status != RulebookStatus.DROPPED,
    )


@router.get("/rulebook-forms/{no}")
async def show_parts(request: Request, no: str) -> HTMLResponse:
    """Every link, clause and setting of a version, each leading to its form."""
    async with visit(request) as seen:
        rulebook = await may_change(request, seen, no)
    return render(
        request,
        "rulebook_parts.html",
        seen,
        rulebook=rulebook,
        sections=SECTIONS,
        names=fields.NAMES,
        addable=ADDABLE,
    )


@router.get("/rulebook-forms/{no}/{section}/{name}")
async def show_form(request: Request, no: str, section: Section, name: str) -> HTMLResponse:
    """The fields of one entry."""
    async with visit(request) as seen:
        opened = await open_entry(request, seen, no, section, name)
    values = {each.name: each.text for each in opened.fields}
    return filled(request, seen, opened, {**values, "reason_why": opened.rulebook.reason})


@router.post("/rulebook-forms/{no}/{section}/{name}")
async def submit(request: Request, no: str, section: Section, name: str) -> Response:
    """Change the draft, or begin one from a version that is in force; what is wrong is told beside its field."""
    values = await submitted(request)
    async with visit(request) as seen:
        opened = await open_entry(request, seen, no, section, name)
    if values.get("add") == "grounds":
        return filled(request, seen, opened, with_a_ground(opened, values))
    try:
        check(opened.rulebook, values)
        body = fields.changed(opened.rulebook.body, section, name, values, shipped_rules())
        return await write(request, opened.rulebook, body, values)
    except Refusal as refusal:
        return filled(request, seen, opened, values, refusal)


async def submitted(request: Request) -> dict[str, str]:
    """What a form holds; raises where it is not one of ours."""
    pairs = await request.form(max_fields=500)
    values = {key: str(value) for key, value in pairs.items()}
    check_form_token(request, values.get("token"))
    return values


def with_a_ground(opened: Opened, values: dict[str, str]) -> dict[str, str]:
    """The form with a ground more, of the kind that was chosen; nothing is written yet."""
    entry = dict(opened.entry)
    grounds.grow(entry, values)
    kind = values.get("kind", "")
    number = len(entry.get("grounds", ()))
    name = f"grounds.{number}.shape"
    return {**values, name: kind, "focus": name} if kind in fields.GROUND else values


def check(rulebook: Rulebook, values: dict[str, str], wanted: tuple[str, ...] = ()) -> None:
    """Raises StaleForm, InvalidInput."""
    if values.get("seen") != stamp(rulebook):
        raise StaleForm(no=rulebook.no)
    wanted = (*wanted, "reason_why", *(("version",) if begins(rulebook) else ()))
    empty = [name for name in wanted if not values.get(name, "").strip()]
    if not is_key(values.get("key", "")):
        empty.append("key")
    if empty:
        raise InvalidInput([{"field": name, "value": "", "remedy": str(NEEDED)} for name in empty])


def begins(rulebook: Rulebook) -> bool:
    """Whether a change begins a draft: a version in force stays as it is."""
    return rulebook.status != RulebookStatus.DRAFT


async def write(request: Request, rulebook: Rulebook, body: Mapping[str, Any], values: dict[str, str]) -> Response:
    """By the text editor's own commands; leads to the draft."""
    desk: Desk = request.app.state.desk
    anew = begins(rulebook)
    body = {**body, "version": values["version"].strip() if anew else rulebook.no}
    text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=110)
    reason, no = values["reason_why"][:2000], None if anew else rulebook.no
    form = (
        Draft(text=text, reason=reason)
        if anew
        else Revision(text=text, reason=reason, text_digest=rulebook.text_digest)
    )
    command = desk.commands["draft_rulebook" if anew else "revise_rulebook"]
    attempt = Attempt(command, await who(request, None), no, form, values["key"])
    document = await perform(request.app.state.engine, desk.service, attempt)
    key = quote(values["key"], safe="")
    return RedirectResponse(f"/rulebooks/{quote(document['no'], safe='')}?done={key}", 303)


async def open_entry(request: Request, seen: Visit, no: str, section: Section, name: str) -> Opened:
    """Raises NotFound."""
    rulebook = await may_change(request, seen, no)
    found = fields.entry_of(rulebook.body, section, name)
    if found is None:
        raise NotFound(kind=SECTIONS[section], no=name)
    place, entry = found
    return Opened(rulebook, section, name, place, fields.fields_of(rulebook.body, section, entry), rulebook.body)


async def may_change(request: Request, seen: Visit, no: str) -> Rulebook:
    """The version, for who may draft; raises PostNotHeld, NotFound, and WrongStatus for one that was dropped."""
    desk: Desk = request.app.state.desk
    seen.person.acting_as(desk.commands["draft_rulebook"].posts)
    rulebook = await find(seen.session, Rulebook, no)
    if rulebook is None:
        raise NotFound(kind=Rulebook.title, no=no)
    if rulebook.status == RulebookStatus.DROPPED:
        raise WrongStatus(no=no, status=word(rulebook.status), target=word(RulebookStatus.DRAFT))
    return rulebook


def stamp(rulebook: Rulebook) -> str:
    """Which state of the version a form was opened from."""
    return digest_of({name: getattr(rulebook, name) for name in ("status", "text_digest", "based_on", "reason")})


def filled(
    request: Request, seen: Visit, opened: Opened, values: dict[str, str], refusal: Refusal | None = None, **more: Any
) -> HTMLResponse:
    """The form with what was typed, each mistake beside its field; with the grounds that were added on it."""
    errors: Mapping[str, Label | str] = {}
    others: list[Label] = []
    entry = deepcopy(opened.entry)
    if opened.section is Section.CLAUSES:
        grounds.grow(entry, values)
        grounds.become(entry, values, fields.GROUND)
    code = [one for one in opened.fields if one.name == "code"]
    shown = [*code, *fields.fields_of(opened.body, opened.section, entry)] if opened.fields else []
    if isinstance(refusal, RulebookRefused):
        errors, others = fields.beside(refusal.mistakes, opened.place, shown, grounds.kept(entry, values))
    elif isinstance(refusal, InvalidInput):
        errors = {error["field"]: error["remedy"] for error in refusal.errors}
    return render(
        request,
        "rulebook_form.html",
        seen,
        status=refusal.status if refusal else 200,
        opened=opened,
        shown=shown,
        values=values,
        kinds=SHAPES,
        choice_labels=fields.CHOICE_LABELS,
        errors=errors,
        others=others,
        refusal=refusal,
        key=fresh_key(),
        stamp=values.get("seen") or stamp(opened.rulebook),
        heading=SECTIONS[opened.section],
        addable=ADDABLE,
        known=[each["key"] for each in opened.rulebook.body.get("settings", ())],
        begins=begins(opened.rulebook),
        idle=idle_answer(opened),
        **{"adding": None, **more},
    )


def idle_answer(opened: Opened) -> Idle | None:
    """What to tell beside an answer that decides nothing."""
    if opened.section is not Section.SETTINGS:
        return None
    return idle(read_rules(opened.rulebook.body), shipped_settings()).get(opened.name)
