"""How does the report of a month leave the house: as a workbook that can be computed with, and as a PDF to be filed?

Both say what the page says.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from chassis.language import Label, language
from chassis.ui.sheets import SHEET_NAME_LENGTH, harmless
from services.accountability.figures.report_cells import Cell, Table

PROGRAM = "services.accountability.figures.report_paper"
PATIENCE_S = 60
PLACE, NOTHING = Label("交接系统责任中心", "Handover · Accountability"), Label("没有", "None")
COLUMN_CHARACTERS = 13


class PaperFailed(RuntimeError):
    """The program that makes the PDF has failed."""


def workbook(title: str, remarks: Sequence[str], tables: Sequence[Table], address: str) -> bytes:
    """A sheet for each table; figures are numbers, and lead to their evidence at `address`."""
    import xlsxwriter  # only for whoever asks for it

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title})
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
            "int": book.add_format({"num_format": "#,##0"}),
            "float": book.add_format({"num_format": "#,##0.0"}),
            "int link": book.add_format({"num_format": "#,##0", "font_color": "blue", "underline": 1}),
            "float link": book.add_format({"num_format": "#,##0.0", "font_color": "blue", "underline": 1}),
            "str link": book.add_format({"font_color": "blue", "underline": 1}),
        }
        for table in tables:
            sheet = book.add_worksheet(str(table.title)[:SHEET_NAME_LENGTH])
            sheet.write_string(0, 0, title, formats["title"])
            for line, remark in enumerate(remarks, 1):
                sheet.write_string(line, 0, harmless(remark))
            write_table(sheet, table, 2 + len(remarks), formats, address)
    return buffer.getvalue()


def write_table(sheet: Any, table: Table, top: int, formats: dict[str, Any], address: str) -> None:
    sheet.freeze_panes(top + 1, 1)
    sheet.set_column(0, 0, 2 * COLUMN_CHARACTERS)
    sheet.set_column(1, len(table.heads), COLUMN_CHARACTERS)
    for column, head in enumerate(table.heads):
        sheet.write_string(top, column, str(head), formats["head"])
    for line, row in enumerate(table.rows, top + 1):
        for column, cell in enumerate(row):
            write_cell(sheet, line, column, cell, formats, address)
    sheet.fit_to_pages(1, 0)
    sheet.set_landscape()


def write_cell(sheet: Any, line: int, column: int, cell: Cell, formats: dict[str, Any], address: str) -> None:
    """A figure stays a number also where it is a link."""
    kind = type(cell.value).__name__
    style = formats.get(f"{kind} link" if cell.href else kind)
    if cell.href:
        sheet.write_url(line, column, f"{address}{cell.href}", style, harmless(cell.text))
    match cell.value:
        case int() | float():
            sheet.write_number(line, column, cell.value, style)
        case str() if not cell.href:
            sheet.write_string(line, column, harmless(cell.value))


async def paper(said: Mapping[str, Any]) -> bytes:
    """The report as a PDF; raises PaperFailed with what the program said last."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        PROGRAM,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            made, complaints = await process.communicate(orjson.dumps(said))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise PaperFailed(complaints.decode(errors="replace").strip().splitlines()[-1:])
    return made


def on_paper(title: str, remarks: Sequence[str], tables: Sequence[Table], address: str) -> dict[str, Any]:
    """The report in this reader's language, as the program wants it."""
    return {
        "title": title,
        "place": str(PLACE),
        "language": language.get(),
        "remarks": remarks,
        "tables": [table_on_paper(table, address) for table in tables],
    }


def table_on_paper(table: Table, address: str) -> dict[str, Any]:
    nothing = (Cell(str(NOTHING)), *[Cell("")] * (len(table.heads) - 1))
    rows = table.rows or (nothing,)
    return {
        "title": str(table.title),
        "summed": table.summed,
        "heads": [str(head) for head in table.heads],
        "numeric": [cell.numeric for cell in rows[0]],
        "rows": [[cell_on_paper(cell, address) for cell in row] for row in rows],
    }


def cell_on_paper(cell: Cell, address: str) -> dict[str, Any]:
    return {"text": cell.text, "link": f"{address}{cell.href}" if cell.href else "", "bad": cell.bad}
