"""How does a page become HTML: which templates, which words and values may they use, and how are they sent?"""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chassis.language import Label, department, kind_of_fact, language, word
from chassis.ui import formats, hints, places, tones, traces, urgency
from chassis.ui.visits import MOST_COUNTED, Visit

HERE = Path(__file__).resolve().parents[1]
TEMPLATES, STATIC = HERE / "templates", HERE / "static"


def environment(own_templates: Sequence[Path] = ()) -> Environment:
    """The shared templates; a department's own folder comes first, so that it may add pages of its own."""
    made = Environment(
        loader=FileSystemLoader([*own_templates, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "say": say,
        "word": word,
        "kind_of_fact": kind_of_fact,
        "department": department,
        "icon": icon,
        "static": static,
        "number": number,
        "language": language.get,
        "path_of": places.path_of,
        "order_path": places.order_path,
        "leads_to": places.leads_to,
        "number_path": places.number_path,
        "hindering": places.hindering,
        "hint_of": hints.hint_of,
        "tone": tones.tone_of,
        "urgency_of": urgency.urgency_of,
        "pressing": urgency.pressing,
        "waited_for": urgency.waited_for,
        "urgency_icons": urgency.ICONS,
        "remaining": urgency.remaining,
        "search_path": traces.search_path,
        "journey_path": traces.journey_path,
    }
    made.filters |= {
        "money": formats.money,
        "quantity": formats.quantity,
        "day": formats.day,
        "instant": formats.instant,
        "clock": formats.clock,
        "moment": formats.moment,
        "span": formats.span,
        "typed": formats.typed,
        "for_input": formats.for_input,
        "outline": formats.outline,
    }
    return made


def render(
    request: Request, template: str, visit: Visit | None = None, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page, or a part of one, in the reader's language."""
    state = request.app.state
    shared = {"request": request, "visit": visit, "desk": state.desk, "settings": state.settings, "menu": state.menu}
    html = state.templates.get_template(template).render(shared | context)
    return HTMLResponse(html, status)


def download(body: bytes, kind: str, name: str) -> Response:
    """A file to be kept."""
    return Response(body, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def is_partial(request: Request) -> bool:
    """Whether htmx asks for a part of a page that is already on the screen."""
    return request.headers.get("hx-request") == "true"


def say(zh: str, en: str, /, **values: Any) -> Markup:
    """A sentence in the reader's language; the values put into it are escaped."""
    return Markup(str(Label(zh, en))).format(**values)  # noqa: S704 - the sentences are literals of the templates


def icon(name: str, kind: str = "") -> Markup:
    """A drawing beside a word; it says nothing that the word does not say."""
    place = static("vendor/icons.svg")
    return Markup('<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>').format(
        kind, place, name
    )


@cache
def static(name: str) -> str:
    """The address of a file of the pages; it changes with the content, so browsers may keep it for good."""
    version = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={version}"


def number(count: int) -> str:
    """A count as it is shown; beyond what is counted it only says that there are more."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
