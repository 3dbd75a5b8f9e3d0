"""Who let a defect pass is named to whom it concerns; the inspectors' colleagues read the post, wherever they look."""

import io
from zipfile import ZipFile

import pytest

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from tests.quality.conftest import BOSS, COLLEAGUE, INSPECTOR, MANAGER
from tests.quality.test_causes import ESCAPED, complained
from tests.support.departments import Department
from tests.ui.conftest import Browser, browser

THIRD = "E-053"
PATHS = ("/cause-analyses", "/cause-analyses/CCF-1", "/commands/find-cause/CCF-1")


async def opened(quality: Department, employee: str, language: str = "en") -> Browser:
    async with transaction(quality.engine) as session:
        secret = await auth.open_session(session, employee)
    seen = browser(quality, language=language)
    seen.client.cookies.set(cookie_name("quality", secure=False), secret)
    return seen


async def found(quality: Department, by: str = MANAGER) -> None:
    """The inspector let it pass; whoever looked into it had named somebody else before."""
    await quality.employ(inspector=COLLEAGUE)
    await quality.employ(inspector=THIRD)
    await complained(quality)
    assert await quality.refused(by, "find_cause", "CCF-1", **{**ESCAPED, "inspector": THIRD}) == "passed_by_another"
    await quality.do(by, "find_cause", "CCF-1", **ESCAPED)


async def named_by_api(quality: Department, employee: str) -> list[str]:
    async with quality.as_(employee) as client:
        one = (await client.get("/api/cause-analyses/CCF-1")).json()["inspector"]
        (listed,) = (await client.get("/api/cause-analyses")).json()["items"]
    return [one, listed["inspector"]]


async def listed_under(quality: Department, employee: str, inspector: str) -> int:
    async with quality.as_(employee) as client:
        return len((await client.get("/api/cause-analyses", params={"inspector": inspector})).json()["items"])


@pytest.mark.parametrize("reader", [INSPECTOR, MANAGER, BOSS])
async def test_the_person_their_manager_and_the_general_manager_read_the_name(quality: Department, reader: str) -> None:
    await found(quality)

    assert await named_by_api(quality, reader) == [INSPECTOR] * 2
    assert await listed_under(quality, reader, INSPECTOR) == 1
    seen = await opened(quality, reader)
    for path in PATHS[:2]:
        assert INSPECTOR in (await seen.get(path)).words


async def test_who_found_it_reads_whom_they_named_and_why_they_were_refused(quality: Department) -> None:
    await found(quality, by=COLLEAGUE)

    assert await named_by_api(quality, COLLEAGUE) == [INSPECTOR] * 2
    assert "did not let these goods pass" in (await (await opened(quality, COLLEAGUE)).get(PATHS[1])).words


@pytest.mark.parametrize(("language", "post"), [("en", "Inspector"), ("zh", "检验员")])
async def test_a_colleague_reads_the_post(quality: Department, language: str, post: str) -> None:
    await found(quality)

    assert await named_by_api(quality, COLLEAGUE) == ["inspector"] * 2
    seen = await opened(quality, COLLEAGUE, language)
    for path in PATHS:
        shown = (await seen.get(path)).html
        assert f'<span class="id">{INSPECTOR}</span>' not in shown
        assert f'value="{INSPECTOR}" selected' not in shown
    page = (await seen.get(PATHS[1])).words
    assert post in page
    assert not {INSPECTOR, THIRD} & set(page.replace("(", " ").replace(")", " ").split())
    assert ("The reason concerns another employee" in page) == (language == "en")
    assert INSPECTOR not in await spreadsheet(seen)


async def spreadsheet(seen: Browser) -> str:
    content = (await seen.client.get("/cause-analyses.xlsx")).content
    with ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/sharedStrings.xml").decode()


async def test_no_search_for_a_name_tells_a_colleague_whose_it_is(quality: Department) -> None:
    await found(quality)

    assert await listed_under(quality, COLLEAGUE, INSPECTOR) == 0
    seen = await opened(quality, COLLEAGUE)
    assert "CCF-1" not in (await seen.get(f"/cause-analyses?inspector={INSPECTOR}")).words
    assert "CCF-1" in (await seen.get("/cause-analyses")).words


async def test_where_nobody_is_named_nothing_is_kept_back(quality: Department) -> None:
    await quality.employ(inspector=COLLEAGUE)
    await complained(quality)

    assert await named_by_api(quality, COLLEAGUE) == [None] * 2


async def test_whoever_is_no_inspector_any_more_reads_their_own_alone(quality: Department) -> None:
    await found(quality)
    await quality.employ(storekeeper="E-060")

    async with quality.as_("E-060") as client:
        assert (await client.get("/api/cause-analyses")).json()["items"] == []
        assert (await client.get("/api/cause-analyses/CCF-1")).status_code == 403
