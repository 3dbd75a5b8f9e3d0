"""How are money, quantities, times and spans of time written for the reader?"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import yaml

from chassis.instants import FACTORY
from chassis.language import Label

WEEKDAYS = tuple(
    Label(zh, en)
    for zh, en in zip(
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
        strict=True,
    )
)
NEAR_DAYS = {-1: Label("昨天", "Yesterday"), 0: Label("今天", "Today"), 1: Label("明天", "Tomorrow")}
DAYS, HOURS, MINUTES = Label("{n} 天", "{n} d"), Label("{n} 小时", "{n} h"), Label("{n} 分", "{n} min")
NO_TIME = Label("不到 1 分", "under 1 min")


def money(value: Decimal) -> str:
    """Two decimals and thousands apart; more decimals only where the price has them."""
    return with_decimals(value, least=2)


def quantity(value: Decimal | int) -> str:
    """As many decimals as the value has, thousands apart."""
    return with_decimals(Decimal(value), least=0)


def with_decimals(value: Decimal, *, least: int) -> str:
    exponent = value.normalize().as_tuple().exponent
    places = max(least, -exponent if isinstance(exponent, int) else 0)
    return f"{value:,.{places}f}"


def typed(value: Decimal) -> str:
    """A number as one would type it: plain digits, no needless zeros."""
    return f"{value.normalize():f}"


def day(value: date) -> str:
    """A calendar day with its weekday."""
    return f"{value:%Y-%m-%d} {WEEKDAYS[value.weekday()]}"


def instant(value: datetime) -> str:
    """An instant on the factory's clock, to the minute."""
    return f"{value.astimezone(FACTORY):%Y-%m-%d %H:%M}"


def clock(value: datetime) -> str:
    """The factory's date and time, as the top of a page shows them."""
    local = value.astimezone(FACTORY)
    return f"{local:%m-%d} {WEEKDAYS[local.weekday()]} {local:%H:%M}"


def moment(value: datetime, now: datetime) -> str:
    """An instant as people say it: today 17:30, tomorrow 09:00, else the date with its weekday."""
    local, today = value.astimezone(FACTORY), now.astimezone(FACTORY).date()
    near = NEAR_DAYS.get((local.date() - today).days)
    if near is not None:
        return f"{near} {local:%H:%M}"
    shown = f"{local:%m-%d}" if local.year == today.year else f"{local:%Y-%m-%d}"
    return f"{shown} {WEEKDAYS[local.weekday()]} {local:%H:%M}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units: 2 days 3 hours, 2 hours 15 minutes, 40 minutes."""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = [(DAYS, days), (HOURS, hours)] if days else [(HOURS, hours), (MINUTES, rest)]
    said = [str(unit).format(n=n) for unit, n in units if n]
    return " ".join(said) or str(NO_TIME)


def for_input(value: datetime) -> str:
    """An instant as a datetime-local input holds it."""
    return f"{value.astimezone(FACTORY):%Y-%m-%dT%H:%M}"


def outline(value: Any) -> str:
    """Data within data, one value a line."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100)
