"""What does a report's page say in figures, and what stands where each of them leads? As an English reader sees both."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from contracts.words import WORDS
from services.accountability.figures.outcomes import EXCUSED
from services.accountability.judge.verdicts import DutyStatus
from tests.ui.conftest import Browser

IN_RATE = {WORDS[DutyStatus.IN_TIME][1], WORDS[EXCUSED][1]}
TOLD = re.compile(r"<p>([\d,]+) (?:handovers|dates|records)\b")
BY_MONTH = {"rates": "On time (%)", "losses": "Hours lost"}
"""Tables whose heads are departments."""

Row = dict[str, str]


@dataclass(frozen=True)
class Figure:
    """`what` it counts, as its column or tile is headed, in which table."""

    what: str
    text: str
    href: str
    table: str

    @property
    def value(self) -> float | None:
        number = self.text.replace(",", "")
        return float(number) if re.fullmatch(r"\d+(\.\d+)?", number) else None


def figures_of(page: str) -> list[Figure]:
    """Everything in the page's tables and tiles that is a number."""
    parts = re.split(r'<section class="report-part" id="(\w+)">', page)
    found = []
    for table, part in zip(["", *parts[1::2]], parts[::2], strict=True):
        cells = re.findall(r'<td[^>]*data-label="([^"]*)">(.*?)</td>', part, re.DOTALL)
        tiles = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", part, re.DOTALL)
        for head, cell in cells + tiles:
            way = re.search(r'href="([^"]*)"', cell)
            what = BY_MONTH.get(table, html.unescape(head))
            found.append(Figure(what, words_of(cell), html.unescape(way[1]) if way else "", table))
    return [figure for figure in found if figure.value is not None]


async def behind(reader: Browser, way: str) -> tuple[list[Row], int]:
    """Every case where a figure leads, page after page, and how many the list says that there are."""
    rows, told, place = list[Row](), set[int](), way
    while place:
        page = await reader.get(place)
        assert page.status == 200, place
        body = re.search(r"<tbody>(.*?)</tbody>", page.html, re.DOTALL)
        assert body, f"{place} shows nothing"
        rows += [row_of(row) for row in re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL)]
        told |= {int(count.replace(",", "")) for count in TOLD.findall(page.html)}
        further = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', page.html)
        place = way.partition("?")[0] + html.unescape(further[1]) if further else ""
    (count,) = told
    return rows, count


def row_of(row: str) -> Row:
    cells = re.findall(r'<td[^>]*data-label="([^"]*)">(.*?)</td>', row, re.DOTALL)
    return {html.unescape(head): words_of(cell) for head, cell in cells}


def words_of(cell: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split())


def stands_there(figure: Figure, rows: list[Row]) -> float:
    """What the cases behind a figure come to, counted and added up as a reader would."""
    match figure.what:
        case "Hours lost":
            return hours_in(rows, "Over (h)")
        case "Hours excused":
            return hours_in(rows, "Excused (h)")
        case "On time (%)":
            return round(100 * sum(row["Outcome"] in IN_RATE for row in rows) / len(rows), 1)
        case "Orders":
            return len({row["Order no."] for row in rows})
    return len(rows)


def hours_in(rows: list[Row], column: str) -> float:
    return sum(float(row[column].split()[0].replace(",", "")) for row in rows if row[column] != "—")


def tolerance(figure: Figure, rows: list[Row]) -> float:
    """Each row's hours are shown with one decimal."""
    return 0.05 * (len(rows) + 1) if figure.what.startswith("Hours") else 0
