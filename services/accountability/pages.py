"""What do HR, managers and the general manager see? Their desk's pages, and the picture of how every order ran."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis.acting import fresh_key
from chassis.errors import NotFound
from chassis.instants import FACTORY, instant
from chassis.language import Label, department, word
from chassis.named import sees_all
from chassis.people import holders_of
from chassis.sight import How, Look, purpose_of
from chassis.ui.details import looked_at
from chassis.ui.formats import moment
from chassis.ui.pages import Entry, Pages
from chassis.ui.places import shelf_of_number
from chassis.ui.rendering import render
from chassis.ui.visits import Visit, visit
from contracts.posts import MANAGERS, SEE_ALL
from services.accountability.api import HR, desk
from services.accountability.compensation import (
    compensation_pages,
    compensation_papers,
    compensations,
    formulas,
    payroll_pages,
)
from services.accountability.figures import behind_pages, report_pages
from services.accountability.judge.in_force import calendar_now, rulebook_at
from services.accountability.judging import Judging
from services.accountability.models import PenaltyRecord, Rulebook
from services.accountability.privacy import looks, periods, seeing, taken_out, unnamed
from services.accountability.process import (
    appeals,
    carried,
    escalation,
    matters,
    merits,
    papers,
    rights,
    standing,
    suspicion_pages,
)
from services.accountability.rules import rulebooks
from services.accountability.rules.drafting import entry_pages
from services.accountability.rules.drafting import pages as drafting
from services.accountability.rules.rulebook_loading import read_rules, shipped_settings
from services.accountability.rules.rulebook_settings import idle
from services.accountability.views import (
    fact_pages,
    handover_facts,
    mine_pages,
    overviews,
    pictures,
    reckonings,
    views,
    waiting,
    waiting_pages,
)
from services.accountability.views.reckonings import excuse_words
from services.accountability.views.timelines import Handover, Timeline
from services.accountability.what_if import answer_pages

router = APIRouter(include_in_schema=False)


@router.get("/timelines")
async def list_timelines(request: Request, q: str = "", after: str = "") -> HTMLResponse:
    """Every order as judged so far, the newest first."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        evidence = await views.evidence(seen.session)
        page = await views.overview(seen.session, judging, q.strip().upper(), after)
    slowest = evidence.sources[0].source if evidence.sources else None
    return render(
        request,
        "timelines.html",
        seen,
        q=q,
        evidence=evidence,
        behind=department(slowest) if slowest else None,
        orders=page.items,
        outcome=outcome,
        here=f"/timelines?{urlencode({'q': q})}" if q else "/timelines",
        after=after,
        next=f"/timelines?{urlencode({'q': q, 'after': page.next})}" if page.next else "",
    )


@router.get("/timelines/{order_no:path}")
async def show_timeline(request: Request, order_no: str) -> HTMLResponse:
    """One order: the handover graph, where working time was lost, and the records it led to."""
    judging: Judging = request.app.state.companion.judging
    async with visit(request, everybody=True) as seen:
        eyes = await seeing.eyes_of(seen.session, seen.person, order_no=order_no)
        timeline = unnamed.for_eyes(await views.order_timeline(seen.session, judging, order_no), eyes)
        evidence = await views.evidence(seen.session)
        records = await unnamed.records_of(seen.session, order_no, eyes)
    calendar, rulebook = calendar_now(judging.state), rulebook_at(judging.state, instant(seen.now))
    departments = {code: link.department for code, link in rulebook.links.items()} if rulebook else {}
    return render(
        request,
        "timeline.html",
        seen,
        timeline=timeline,
        picture=pictures.draw(timeline, calendar or overviews.any_calendar(), departments, seen.now),
        records=records,
        departments=departments,
        withheld=unnamed.WITHHELD,
        by_place={(handover.duty, handover.attempt): handover for handover in timeline.handovers},
        waiting=waited_for(timeline, evidence, seen.now),
        anchor=anchor,
        evidence_path=partial(evidence_path, order_no),
        hours=hours,
        title_of=title_of,
        excuse_words=excuse_words,
    )


@router.get("/records/{no}")
async def show_record(request: Request, no: str, done: str = "") -> HTMLResponse:
    """One penalty record: where it stands in words, what it rests on, and how its person was heard."""
    async with visit(request, everybody=True) as seen:
        look = Look(How.PAGE, purpose_of(request))
        context = await looked_at(seen, desk, desk.shelf_of(PenaltyRecord), no, done, look)
        more = await beside(request, seen, context["document"])
    return render(request, "record.html", seen, handover_path=handover_facts.path_of, **context, **more)


@router.get("/records/{no}/print")
async def print_record(request: Request, no: str) -> HTMLResponse:
    """The record as a form (处罚单) on A4; the browser prints it or keeps it as PDF."""
    async with visit(request, everybody=True) as seen:
        look = Look(How.PRINT, purpose_of(request))
        context = await looked_at(seen, desk, desk.shelf_of(PenaltyRecord), no, "", look)
        more = await beside(request, seen, context["document"])
    return render(request, "penalty_record.html", seen, **context, **more)


async def beside(request: Request, seen: Visit, record: PenaltyRecord) -> dict[str, Any]:
    """What a record's page says beside the record's own columns."""
    still, counted_in = (
        await escalation.still_counting(seen.session, record),
        await escalation.counted_in(seen.session, record),
    )
    rules = await rulebooks.text_of(seen.session, record.rulebook_version)
    earlier = await matters.before(seen.session, record) if record.heard_before else []
    heard = matters.heard(earlier)
    around = standing.Around(
        now=seen.now,
        appeal_to=appeals.authority_over(record, await holders_of(seen.session, seen.now)),
        replaced_by=await papers.replaced_by(seen.session, record),
        name=seen.name_of,
        credit=await merits.credit_beside(seen.session, record, rules) if rules else 0,
        credit_months=rules.lapse_months if rules else 0,
        no_longer=[no for no in record.warned_before if no not in still],
        counted_in=counted_in.no if counted_in else None,
        heard=[one.no for one in heard],
        left=carried.left_of(record, earlier),
        for_nothing=record.no in await compensations.for_nothing(seen.session, [record]),
    )
    money = await compensation_papers.money_of(seen.session, record, seen.person)
    judging: Judging = request.app.state.companion.judging
    reckoned = await reckonings.of_record(seen.session, judging, record)
    paper = await papers.paper_of(seen.session, record, seen.name_of, reckoned)
    return {
        "standing": standing.standing(record, around),
        "said_before": matters.said_on(heard),
        "remarks": list(standing.remarks(record, around)),
        "rights": list(rights.rights(record, around, paper.appeal_period, money.current if money else None)),
        "money": money,
        "paper": paper,
    }


@router.get("/looks")
async def show_looks(
    request: Request, whose: str = "", who: str = "", no: str = "", before: int | None = None
) -> HTMLResponse:
    """Who has looked at my records; for HR and the general manager, who has looked at whose."""
    async with visit(request, everybody=True) as seen:
        found = await looks.looks(seen.session, seen.person, looks.Wanted(whose, who, no, before))
    chosen = {"whose": whose, "who": who, "no": no}
    return render(
        request,
        "looks.html",
        seen,
        looks=found,
        filters=chosen,
        older=f"/looks?{urlencode({**chosen, 'before': found.next})}" if found.next else None,
        sees_all=sees_all(seen.person),
        keeping=periods.Keeping(),
        shelf_of_number=lambda no: shelf_of_number(desk, no),
    )


@router.get("/exports")
async def show_exports(request: Request, by: str = "", about: str = "", before: int | None = None) -> HTMLResponse:
    """Who has taken out evidence about me; for HR and the general manager, every export there was."""
    chosen = {"by": by.strip(), "about": about.strip()}
    async with visit(request, everybody=True) as seen:
        found = await taken_out.exports(seen.session, seen.person, taken_out.Wanted(**chosen, before=before))
    return render(
        request,
        "exports.html",
        seen,
        exports=found,
        filters=chosen,
        older=f"/exports?{urlencode({**chosen, 'before': found.next})}" if found.next else None,
        sees_all=sees_all(seen.person),
    )


@router.get("/rules")
async def show_latest_rules(request: Request) -> HTMLResponse:
    """The rulebook in force, for everybody who works here."""
    return await show_rules(request, "")


@router.get("/rules/{version}")
async def show_rules(request: Request, version: str) -> HTMLResponse:
    """What a rulebook version asks of whom, for everybody; who reads it may say that they know it."""
    async with visit(request, everybody=True) as seen:
        rules = await papers.rules_of(seen.session, version, seen.person.employee, seen.person.now)
        eyes = await seeing.eyes_of(seen.session, seen.person)
    if rules is None:
        raise NotFound(kind=Rulebook.title, no=version)
    return render(
        request,
        "rules.html",
        seen,
        rules=rules,
        unaware=[employee for employee in rules.unaware if eyes.see(employee)],
        idle=idle(read_rules(rules.rulebook.body), shipped_settings()),
        drafts=seen.person.holds(request.app.state.desk.commands["draft_rulebook"].posts),
        consequences=papers.consequences,
        finding_in=papers.finding_in,
        in_words=papers.period,
        fresh_key=fresh_key,
    )


def waited_for(timeline: Timeline, evidence: views.Evidence, now: datetime) -> dict[str, Any] | None:
    """Whose evidence the verdicts on this order wait for, if anything on it is not decided yet."""
    if not any(handover.waiting for handover in timeline.handovers):
        return None
    least = min((each.complete_to for each in evidence.sources if each.complete_to), default=None)
    slow = [str(department(each.source)) for each in evidence.sources if each.complete_to in (None, least)]
    return {"names": "、".join(slow), "at": moment(least, now) if least else "—"}


def anchor(handover: Handover) -> str:
    return f"{handover.duty}-{handover.attempt}".replace(":", "-").replace("/", "-")


def evidence_path(order_no: str, handover: Handover) -> str:
    return handover_facts.path_of(handover.duty, handover.attempt, order_no)


def hours(length: timedelta) -> str:
    """Working hours with one decimal."""
    return f"{length / timedelta(hours=1):.1f}"


def title_of(handover: Handover) -> str:
    """What a pointer over a bar says."""
    parts = [str(word(handover.link)), handover.key, f"{short(handover.delivered_at)} → {short(handover.ended_at)}"]
    if handover.due_at:
        parts.append(f"{Label('时限', 'due')} {short(handover.due_at)}")
    return " · ".join(parts)


def outcome(order: overviews.Overview) -> str:
    """How an order stands, in one word or two."""
    if order.cancelled:
        return str(Label("已取消", "cancelled"))
    if order.missed:
        return str(Label("交期错过", "date missed"))
    return str(Label("已按期发货", "shipped in time") if order.shipped else Label("进行中", "under way"))


def short(value: datetime | None) -> str:
    """Month, day and minute on the factory's clock."""
    return f"{value.astimezone(FACTORY):%m-%d %H:%M}" if value else "…"


def daymonth(value: datetime) -> str:
    return f"{value.astimezone(FACTORY):%m-%d}"


pages = Pages(
    desk,
    menu=(
        Entry(waiting.FOR_YOU, waiting.PATH, posts=SEE_ALL),
        Entry(Label("我的交接与记录", "My duties and record"), "/mine", everybody=True),
        Entry(Label("订单时间线", "Order timelines"), "/timelines", everybody=True),
        Entry(Label("月度报告", "Monthly reports"), "/reports", everybody=True),
        Entry(Label("待澄清的疑点", "Open suspicions"), "/suspicions", posts=frozenset(MANAGERS.values()) | SEE_ALL),
        Entry(Label("条款全文", "The rules"), "/rules", everybody=True),
        Entry(Label("谁查看过", "Who has looked"), "/looks", everybody=True),
        Entry(Label("证据导出", "Evidence taken out"), "/exports", everybody=True),
        Entry(Label("工资通知", "Payroll"), "/payroll", posts=HR),
    ),
    routers=(
        router,
        report_pages.router,
        behind_pages.router,
        fact_pages.router,
        answer_pages.router,
        mine_pages.router,
        waiting_pages.router,
        compensation_pages.router,
        payroll_pages.router,
        suspicion_pages.router,
        drafting.router,
        entry_pages.router,
    ),
    templates=(Path(__file__).parent / "templates",),
    filters={
        "short": short,
        "daymonth": daymonth,
        "excuse": excuse_words,
        "formula": formulas.in_words,
        "computed": formulas.computed_in_words,
    },
    styles=("chart.css", "paper.css", "report.css"),
    notices=waiting.notices,
)
