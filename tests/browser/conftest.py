"""Seven departments at work on a Tuesday morning, and a browser window for each of their people."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Playwright, expect

from deploy.local.packages import chromium
from deploy.local.system import System
from tests.browser.person import PASSWORD, Person
from tests.conftest import missing
from tests.support.bench_order import CUSTOMER, PRODUCT, prepare
from tests.support.company import DEPARTMENT_OF, PEOPLE, Company, company_of, founding
from tests.support.system import shared_system

HERE = Path(__file__).parent
MORNING = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
PATIENCE_MS = 60_000
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Deed = Callable[[Company], Coroutine[Any, Any, Any]]
Opener = Callable[..., Person]


@dataclass(frozen=True)
class Factory:
    """The running departments. `do` acts through their API, for what a test needs but does not look at."""

    system: System

    def do(self, deed: Deed) -> Any:
        with ThreadPoolExecutor(1) as thread:  # the browser's own event loop runs in this one
            return thread.submit(asyncio.run, self._done(deed)).result()

    async def _done(self, deed: Deed) -> Any:
        async with company_of(self.system) as company:
            return await deed(company)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every department has its own; also keeps pytest-playwright's fixture away, which pytest 10 will not take."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium of the operating system, which looks nothing up by itself."""
    program = chromium()
    if program is None:
        missing("No Chromium was found. Remedy: `apt-get install chromium` as root.")
    expect.set_options(timeout=PATIENCE_MS)
    return {**browser_type_launch_args, "executable_path": program, "args": list(QUIET)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def factory(postgres: str, broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    """One person a post, who all sign in with one password; a customer, a product, suppliers and stock."""
    accounts = tmp_path_factory.mktemp("accounts") / "accounts.yaml"
    hashed = PasswordHasher().hash(PASSWORD)
    accounts.write_text(json.dumps(dict.fromkeys(PEOPLE.values(), hashed)))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HANDOVER_ACCOUNTS_FILE", str(accounts))
        with shared_system(founding=founding(MORNING)) as system:
            factory = Factory(system)
            factory.do(open_for_business)
            yield factory


async def contract_submitted(company: Company) -> str:
    """A contract that five departments owe their opinions on; the order's number."""
    line = {
        "line_no": 1,
        "product_code": PRODUCT,
        "model": "BENCH",
        "quantity": "1",
        "unit_price": "1000",
        "delivery_date": "2026-10-11",
    }
    contract = {"customer_code": CUSTOMER, "lines": [line], "merchandiser": PEOPLE["merchandiser"]}
    return str((await company.do("sales", PEOPLE["salesperson"], "submit_contract", **contract))["no"])


async def open_for_business(company: Company) -> None:
    await company.step_to(MORNING)
    await prepare(company, MORNING.date())


@pytest.fixture(scope="session")
def playwright(factory: Factory, playwright: Playwright) -> Playwright:
    """Begins after the departments did and ends before them: an event loop of its own runs meanwhile."""
    return playwright


@pytest.fixture
def open_as(factory: Factory, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Opener]:
    """`open_as("buyer")`: a window at which the holder of this post has signed in; everybody has a browser of their own."""
    opened: list[BrowserContext] = []

    def open_(post: str, *, at: str = "", language: str = "zh", signed_in: bool = True, **more: Any) -> Person:
        context = browser.new_context(**{**browser_context_args, **more})
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        employee = PEOPLE[post]
        url = factory.system.urls[at or DEPARTMENT_OF[employee[3]]]
        person = Person(employee, context.new_page(), url, language)
        if signed_in:
            person.signs_in()
        return person

    yield open_
    for context in opened:
        context.close()
