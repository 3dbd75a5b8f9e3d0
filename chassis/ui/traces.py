"""Where in Jaeger is an order to be followed?"""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from opentelemetry.trace import format_trace_id

from chassis.hindsight import trace_id
from chassis.instants import instant
from chassis.telemetry import ORDER, journey

MARGIN = timedelta(days=1)
MOST = 200


def search_path(jaeger: str, service: str, order_no: str, since: datetime, now: datetime) -> str:
    """The search for what this department's machines did about an order.

    Jaeger looks two days back by itself. Machines are traced in real time, which a scenario's clock is ahead of or behind.
    """
    real = datetime.now(UTC)
    asked = {
        "service": service,
        "tags": json.dumps({ORDER: order_no}),
        "lookback": "custom",
        "start": instant(min(since, real) - MARGIN),
        "end": instant(max(now, real) + MARGIN),
        "limit": MOST,
    }
    return f"{jaeger.rstrip('/')}/search?{urlencode(asked)}"


def journey_path(jaeger: str, order_no: str) -> str:
    """The trace in which Accountability tells every handover of an order that has ended."""
    return f"{jaeger.rstrip('/')}/trace/{format_trace_id(trace_id(journey(order_no)))}"
