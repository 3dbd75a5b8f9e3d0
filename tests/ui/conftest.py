"""Sales' pages as its people's browsers see them."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from chassis import auth
from chassis.database import transaction
from contracts.pmc import ReviewDecided, ReviewOutcome
from tests.sales.conftest import SELLER, contract, sales
from tests.support.departments import Department

__all__ = ["sales"]

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Page:
    """An answer as a reader sees it: `words` without markup, `fields` as the forms hold them."""

    answer: httpx.Response

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def html(self) -> str:
        return self.answer.text

    @property
    def words(self) -> str:
        text = re.sub(r"<(script|style|datalist).*?</\1>", " ", self.html, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())

    def hidden(self, name: str) -> str:
        """A hidden field's value; the last one where a page has several forms."""
        return str(re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', self.html)[-1])

    def beside(self, field: str) -> str:
        """What is said beside a field; empty when nothing is wrong with it."""
        found = re.search(rf'id="f-{field}-error">(.*?)</p>', self.html, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


@dataclass
class Browser:
    """One person's browser: it keeps cookies, sends what browsers send, and follows no redirect by itself."""

    client: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> Page:
        return Page(await self.client.get(path, headers=headers))

    async def post(self, path: str, /, *, headers: dict[str, str] | None = None, **fields: Any) -> Page:
        return Page(await self.client.post(path, data=fields, headers=headers))

    async def fill(self, path: str, /, *, headers: dict[str, str] | None = None, **fields: Any) -> Page:
        """Open a form, fill it in and submit it."""
        form = await self.get(path)
        hidden = {"token": form.hidden("token"), "key": form.hidden("key")}
        return await self.post(path.partition("?")[0], headers=headers, **{**hidden, **fields})


def browser(department: Department, *, language: str = "zh") -> Browser:
    """A browser that nobody has signed in with yet."""
    transport = httpx.ASGITransport(department.app, raise_app_exceptions=False)
    return Browser(
        httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER, cookies={"language": language})
    )


Opener = Callable[..., Any]


@pytest.fixture
def open_as(sales: Department) -> Opener:
    """`await open_as(SELLER)`: a browser in which this person is signed in."""

    async def opened(employee: str, *, language: str = "zh") -> Browser:
        async with transaction(sales.engine) as session:
            secret = await auth.open_session(session, employee)
        made = browser(sales, language=language)
        made.client.cookies.set("handover_sales", secret)
        return made

    return opened


async def confirmed_order(sales: Department, **changes: Any) -> str:
    """An order that was reviewed and confirmed: its release is owed."""
    no = str((await sales.do(SELLER, "submit_contract", **contract(**changes)))["no"])
    await sales.hear(ReviewDecided(order_no=no, review_no="CRV-1", outcome=ReviewOutcome.ACCEPTED, decided_by="E-020"))
    await sales.do(SELLER, "confirm_order", no)
    return no
