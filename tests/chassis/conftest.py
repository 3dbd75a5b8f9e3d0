"""A company of tiny departments on a bus of their own."""

from collections.abc import AsyncIterator

import pytest

from tests.chassis.company import Company, Member, company_at


@pytest.fixture
async def company(postgres: str, broker: str, bus_prefix: str) -> AsyncIterator[Company]:
    async with company_at(broker, bus_prefix) as it:
        await it.declare()
        yield it
    await it.undeclare()


@pytest.fixture
async def offices(postgres: str, bus_prefix: str) -> AsyncIterator[Company]:
    """Departments with databases and no broker in reach."""
    async with company_at("amqp://nobody:nothing@127.0.0.1:9/", bus_prefix) as it:
        yield it


@pytest.fixture
async def sales(offices: Company) -> Member:
    """Sales with a database alone."""
    return await offices.member("sales")
