"""Do several warnings become something heavier, and is that setting sound? The source leaves it open; shipped off."""

from collections.abc import Iterator

from chassis.language import Label
from services.accountability.rules.mistakes import Mistake
from services.accountability.rules.rulebook import Answer, RulebookText

ESCALATION = "escalation"
FEWEST = 2
"""One warning is a warning: it takes another to make them several."""

NO_ESCALATION = Label(
    "{key} 写 false(不升级),或不小于 {fewest} 的整数,例如 3(三次警告可升级为小过);“{value}”不行",
    "{key} is false (off), or a whole number of at least {fewest}, such as 3 (three warnings may become a minor demerit); "
    "not {value!r}",
)


def warnings_needed(text: RulebookText) -> int | None:
    """How many warnings that count at one time may become a minor demerit; None where none ever do."""
    return needed(text.setting(ESCALATION))


def escalation_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """A value that is neither off nor a number of warnings."""
    for index, setting in enumerate(text.settings):
        if setting.key == ESCALATION and setting.value is not False and needed(setting.value) is None:
            said = NO_ESCALATION.filled(key=ESCALATION, fewest=FEWEST, value=setting.value)
            yield ("settings", index, "value"), said


def needed(value: Answer | None) -> int | None:
    """A whole number of at least two; True and texts are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= FEWEST else None
