"""What does a rulebook let be taken of a month's wage, and are those two settings sound?"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from chassis.language import Label
from services.accountability.compensation.instalments import Limits
from services.accountability.rules.mistakes import Mistake
from services.accountability.rules.rulebook import RulebookText

MINIMUM, SHARE = "monthly_minimum_wage", "wage_share_percent"
MOST_PERCENT = Decimal(20)
"""The law's own limit (工资支付暂行规定 article 16): a company may take less of a month's wage, never more."""


NO_MINIMUM = Label(
    "{key} 是每月的元数,例如 2740;“{value}”不大于 0", "{key} is CNY a month, such as 2740; {value!r} is not above 0"
)
NO_SHARE = Label(
    "{key} 须大于 0,且依法不超过 {most};“{value}”不行",
    "{key} is above 0 and at most {most}, as the law says; not {value!r}",
)


def limits_of(text: RulebookText) -> Limits | None:
    """None where the rulebook, being older, names no minimum wage: then nothing is taken."""
    minimum, share = figure(text.setting(MINIMUM)), figure(text.setting(SHARE))
    return None if minimum is None else Limits(MOST_PERCENT if share is None else share, minimum)


def wage_mistakes(text: RulebookText) -> Iterator[Mistake]:
    """Settings that are no figures, or let more be taken than the law."""
    for index, setting in enumerate(text.settings):
        place, value = ("settings", index, "value"), figure(setting.value)
        if setting.key == MINIMUM and (value is None or value <= 0):
            yield place, NO_MINIMUM.filled(key=MINIMUM, value=setting.value)
        if setting.key == SHARE and (value is None or not 0 < value <= MOST_PERCENT):
            yield place, NO_SHARE.filled(key=SHARE, most=MOST_PERCENT, value=setting.value)


def figure(value: Any) -> Decimal | None:
    """A whole number, or a text that is one with fen; True and False are neither."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
