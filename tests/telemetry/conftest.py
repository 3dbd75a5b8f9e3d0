"""Sales and Engineering as real processes on the real bus, sending their traces to a collector of the tests' own."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.auth import Tokens
from chassis.clock import step_to
from chassis.database import connect, transaction
from chassis.people import on_employee_registered, on_post_assigned
from contracts.accountability import EmployeeRegistered, PostAssigned
from deploy.local.system import System
from tests.support.system import shared_system
from tests.telemetry.collector import Collector, collecting

MORNING = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, a Tuesday
SELLER, FOLLOWER, ENGINEER = "E-001", "E-003", "E-011"
POSTS = {"sales": {"salesperson": SELLER, "merchandiser": FOLLOWER}, "engineering": {"engineer": ENGINEER}}
NICKNAME, SEARCHED, CUSTOMER, ADDRESS = "小吴", "老胡", "华东电力安装", "苏州"
LINE = {
    "line_no": 1,
    "product_code": "GGD-01",
    "model": "GGD",
    "quantity": "2",
    "unit_price": "18500",
    "delivery_date": "2026-09-25",
    "transit_days": 2,
}


@dataclass
class Traced:
    """Two departments and what they sent to the collector."""

    system: System = field(repr=False)
    collector: Collector

    def as_(self, employee: str, service: str) -> httpx.Client:
        """A client of one department, signed in as this employee."""
        environment = self.system.environment(service)
        token = Tokens(environment["HANDOVER_TOKEN_SECRET"], service).make(employee)
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return httpx.Client(base_url=self.system.urls[service], headers=headers)

    def do(self, employee: str, service: str, path: str, **form: Any) -> httpx.Response:
        with self.as_(employee, service) as client:
            answer = client.post(path, json=form)
        assert answer.is_success, answer.text
        return answer


@pytest.fixture(scope="session")
def traced(postgres: str, broker: str) -> Iterator[Traced]:
    with collecting() as collector, pytest.MonkeyPatch.context() as environment:
        environment.setenv("HANDOVER_OTLP_ENDPOINT", collector.url)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        with shared_system(("sales", "engineering")) as system:
            asyncio.run(employ(system))
            traced = Traced(system, collector)
            customer = {"no": "C-01", "name": CUSTOMER, "address": ADDRESS, "transit_days": 2}
            traced.do(SELLER, "sales", "/api/customers", **customer)
            yield traced


@pytest.fixture(scope="session")
def order_no(traced: Traced) -> str:
    """A contract that Sales has submitted; Engineering hears of it and owes an opinion."""
    form = {"customer_code": "C-01", "lines": [LINE], "merchandiser": FOLLOWER}
    return str(traced.do(SELLER, "sales", "/api/orders", **form).json()["no"])


async def employ(system: System) -> None:
    """Put people into their posts as both departments would after the roster's facts, and begin the day."""
    for service, posts in POSTS.items():
        engine = connect(system.database_url(service), pool_size=1)
        await step_to(engine, MORNING)
        async with transaction(engine) as session:
            for post, employee in posts.items():
                await on_employee_registered(registered(employee, service), session)
                await on_post_assigned(assigned(employee, post), session)
        await engine.dispose()


def registered(employee: str, department: str) -> EmployeeRegistered:
    return EmployeeRegistered(employee=employee, nickname=NICKNAME, department=department)


def assigned(employee: str, post: str) -> PostAssigned:
    return PostAssigned(
        assignment_no=f"{employee}-{post}",
        employee=employee,
        post=post,
        effective_from=MORNING - timedelta(days=30),
        assigned_by="system",
    )
