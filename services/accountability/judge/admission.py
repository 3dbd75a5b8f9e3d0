"""From when on does a fact count before the judge?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

UNAVAILABLE = ".service_unavailable.v1"


def admission(fact: Mapping[str, Any], frontier: datetime | None) -> datetime:
    """When a fact enters the judged order: max(when it was recorded, the frontier at that moment).

    A service's outage is told only after it ended; it is placed where it began, before the deadlines that passed in
    it. Its source's silence held the frontier there, so nothing is inserted into the judged past.
    """
    told = fact["data"]["started_at"] if fact["type"].endswith(UNAVAILABLE) else fact["time"]
    at = told if isinstance(told, datetime) else datetime.fromisoformat(told)
    return at if frontier is None else max(at, frontier)
