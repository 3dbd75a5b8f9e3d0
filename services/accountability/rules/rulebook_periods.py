"""How long may somebody object, and how long after an outage may paper be recorded? Are a rulebook's periods sound?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from chassis.due_terms import Span
from chassis.language import Label
from services.accountability.rules.mistakes import Mistake, Place

if TYPE_CHECKING:
    from services.accountability.rules.rulebook import RulebookText

OBJECTION, BACKFILL = PERIODS = ("objection_period", "backfill_period")
VERSION = re.compile(r"[\w.\-]+")
WORKING_DAY = Span.read("1 d")
NO_PERIOD = Label(
    "{key} 是工作时间,例如 5 d 或 16 h;“{value}”不行", "{key} is working time such as 5 d or 16 h; not {value!r}"
)
MOST_MONTHS, MOST_SECONDS, HOURS_OF_A_DAY = 120, 3_600, 8
LEAST = Decimal(HOURS_OF_A_DAY)
"""Working hours of a hearing at least."""
HEARINGS = ("statement_period", "appeal_period", OBJECTION)
"""How long a person may be heard; nothing is decided before these are over."""
MOST = {
    **dict.fromkeys(HEARINGS, Span.read("60 d")),
    **dict.fromkeys(("first_cause_minimum", BACKFILL), Span.read("5 d")),
}
NO_TIME = Label(
    "{key} 至少要 1 d (8 h):“{value}”使当事人来不及陈述、申诉或提出异议",
    "{key} is at least 1 d (8 h): {value!r} leaves nobody time to state their case, to appeal or to object",
)
TOO_LONG_TO_WAIT = Label(
    "{key} 最长 {most}:写“{value}”就永远不会有结果",
    "{key} is at most {most}: with {value!r} nothing would ever be decided",
)
TOO_LONG = Label("{key} 最长 {most},不能是“{value}”", "{key} is at most {most}, not {value!r}")
TOO_TOLERANT = Label(
    "tolerance_seconds 最多 {most}(一小时):“{value}”使时限形同虚设",
    "tolerance_seconds is at most {most}, an hour: with {value!r} no due time would count",
)
LASTS_FOR_EVER = Label(
    "lapse_months 最多 120:“{value}”意味着处罚永不失效",
    "lapse_months is at most 120: after {value!r} no record would lapse",
)
LEAST_STANDARD, MOST_STANDARD = Span.read("30 min"), Span.read("250 d")
"""Working time that a handover has at least, and at most: a year of working days."""
HARDLY_ANY_TIME = Label(
    "标准用时至少要 {least}:“{value}”使每个人一接手就逾期",
    "a standard time is at least {least}: with {value!r} everybody would overrun as soon as it is theirs",
)
TOO_MUCH_TIME = Label(
    "时长最长 {most}:写“{value}”,谁也不会逾期", "a duration is at most {most}: with {value!r} nobody would ever overrun"
)
ONLY_BEFORE = Label(
    "“{value}”可能早于接手之时;请再写一项 opened + 时长,例如 opened + 4 h",
    "{value!r} may be over before it is theirs; add a term with opened + a duration, such as opened + 4 h",
)
NO_VERSION = Label(
    "版本“{value}”只能用字母、数字、点和连字符,例如 2026-02",
    "version {value!r} may have letters, digits, dots, dashes and underscores, such as 2026-02",
)


def objection_period(text: RulebookText) -> Span:
    """As long as an appeal against a record where the rulebook, being older, does not say."""
    return _said(text, OBJECTION) or text.appeal_period


def backfill_period(text: RulebookText) -> Span:
    """A working day where the rulebook, being older, does not say."""
    return _said(text, BACKFILL) or WORKING_DAY


def _said(text: RulebookText, key: str) -> Span | None:
    said = text.setting(key)
    return None if said is None else Span.read(said)


def period_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """A setting that is no duration, or leaves no time."""
    for index, setting in enumerate(text.settings):
        if setting.key in PERIODS and not is_period(setting.value):
            yield ("settings", index, "value"), NO_PERIOD.filled(key=setting.key, value=setting.value)


def is_period(value: object) -> bool:
    try:
        return Span.read(value).number > 0
    except ValueError:
        return False


def draft_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """What a new rulebook may no longer say; one in force goes on as it stands."""
    for place, key, span in _spans(text):
        value, most = f"{span.number} {span.unit}", MOST[key]
        if key in HEARINGS and working_hours(span) < LEAST:
            yield place, NO_TIME.filled(key=key, value=value)
        if working_hours(span) > working_hours(most):
            told = TOO_LONG_TO_WAIT if key in HEARINGS else TOO_LONG
            yield place, told.filled(key=key, value=value, most=f"{most.number} {most.unit}")
    yield from _standard_mistakes(text)
    if text.tolerance_seconds > MOST_SECONDS:
        yield ("tolerance_seconds",), TOO_TOLERANT.filled(value=text.tolerance_seconds, most=MOST_SECONDS)
    if text.lapse_months > MOST_MONTHS:
        yield ("lapse_months",), LASTS_FOR_EVER.filled(value=text.lapse_months)
    if not VERSION.fullmatch(text.version):
        yield ("version",), NO_VERSION.filled(value=text.version)


def _standard_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """Links that leave nobody any time, or all time."""
    for index, link in enumerate(text.links):
        yield from _length_mistakes(("links", index, "standard"), link.standard)
        leaves_time = any(term.base == "opened" and term.sign > 0 and (term.span or term.field) for term in link.due)
        for at, term in enumerate(link.due):
            place = ("links", index, "due", at)
            if term.span is not None:
                from_then = term.base == "opened" and term.sign > 0
                yield from _length_mistakes(place, term.span, LEAST_STANDARD if from_then else None)
            if not leaves_time and (term.sign < 0 or term.base == "opened"):
                yield place, ONLY_BEFORE.filled(value=str(term))


def _length_mistakes(place: Place, span: Span, least: Span | None = LEAST_STANDARD) -> Iterator[Mistake]:
    if least and working_hours(span) < working_hours(least):
        yield place, HARDLY_ANY_TIME.filled(value=str(span), least=str(least))
    if working_hours(span) > working_hours(MOST_STANDARD):
        yield place, TOO_MUCH_TIME.filled(value=str(span), most=str(MOST_STANDARD))


def _spans(text: RulebookText) -> Iterator[tuple[Place, str, Span]]:
    """Every period that has a bound, with where it stands."""
    for index, setting in enumerate(text.settings):
        if setting.key in PERIODS:
            yield ("settings", index, "value"), setting.key, Span.read(setting.value)
    for key in MOST.keys() - PERIODS:
        yield (key,), key, getattr(text, key)


def working_hours(span: Span) -> Decimal:
    """With days of eight hours, as the law has them."""
    return span.number * {"d": Decimal(HOURS_OF_A_DAY), "h": Decimal(1), "min": Decimal(1) / 60}[span.unit]
