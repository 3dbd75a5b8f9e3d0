"""How long may somebody object, and how long after an outage may paper be recorded? Are these settings of a rulebook sound?"""

from collections.abc import Iterator

from chassis.due_terms import Span
from chassis.language import Label
from services.accountability.rules.mistakes import Mistake
from services.accountability.rules.rulebook import RulebookText

OBJECTION, BACKFILL = PERIODS = ("objection_period", "backfill_period")
WORKING_DAY = Span.read("1 d")
NO_PERIOD = Label(
    "{key} 是工作时间,例如 5 d 或 16 h;“{value}”不行", "{key} is working time such as 5 d or 16 h; not {value!r}"
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
