"""How long may somebody object to a compensation under a rulebook, and is that setting sound?"""

from collections.abc import Iterator

from chassis.due_terms import Span
from chassis.language import Label
from services.accountability.rules.mistakes import Mistake
from services.accountability.rules.rulebook import RulebookText

PERIOD = "objection_period"
NO_PERIOD = Label(
    "{key} 是工作时间,例如 5 d 或 16 h;“{value}”不行", "{key} is working time such as 5 d or 16 h; not {value!r}"
)


def objection_period(text: RulebookText) -> Span:
    """As long as an appeal against a record where the rulebook, being older, does not say."""
    said = text.setting(PERIOD)
    return text.appeal_period if said is None else Span.read(said)


def objection_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """A setting that is no duration, or leaves no time."""
    for index, setting in enumerate(text.settings):
        if setting.key == PERIOD and not is_period(setting.value):
            yield ("settings", index, "value"), NO_PERIOD.filled(key=PERIOD, value=setting.value)


def is_period(value: object) -> bool:
    try:
        return Span.read(value).number > 0
    except ValueError:
        return False
