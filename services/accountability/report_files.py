"""How does the report of a month leave the house: as a workbook that can be computed with, and as a PDF to be filed?

Both say what the page says. Chinese needs a font in the PDF; it comes with the environment and only the characters that are
used are embedded, so that the paper looks the same everywhere.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from chassis.language import Label
from chassis.ui.sheets import SHEET_NAME_LENGTH, harmless
from services.accountability.report_tables import Cell, Table

INK, MUTED, RULE, RED, SHADE = (20, 24, 31), (88, 98, 115), (154, 163, 176), (176, 32, 44), (240, 242, 245)
MARGIN_MM, ROW_MM, LEAST_MM = 14, 6.2, 45
"""A table with less room than `LEAST_MM` below its title begins on the next page."""
FIRST_SHARE = 2.2
"""The first column is so many times as wide as one of figures."""
COLUMN_CHARACTERS = 13


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
            notes = [*remarks, *([str(table.note)] if table.note else [])]
            for line, remark in enumerate(notes, 1):
                sheet.write_string(line, 0, harmless(remark))
            write_table(sheet, table, 2 + len(notes), formats, address)
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


def paper(
    title: str, place: str, remarks: Sequence[str], tables: Sequence[Table], address: str, language: str
) -> bytes:
    """The report on A4 across, page by page; whatever can be opened on the page can be opened from here."""
    from fpdf import FPDF
    from fpdf.fonts import FontFace
    from pylopdf_fonts_zh_cn import sans_path

    class Paper(FPDF):
        def footer(self) -> None:
            self.set_y(-MARGIN_MM + 3)
            self.set_font(size=8)
            self.set_text_color(*MUTED)
            self.cell(w=self.epw / 2, text=f"{place} · {title}")
            self.cell(w=self.epw / 2, text=f"{self.page_no()} / {{nb}}", align="R")

    pdf = Paper(orientation="landscape", format="A4")
    pdf.set_title(title)
    pdf.set_lang("en" if language == "en" else "zh-CN")
    pdf.set_margin(MARGIN_MM)
    pdf.add_font("text", fname=sans_path())
    pdf.set_font("text", size=18)
    pdf.add_page()
    pdf.set_text_color(*INK)
    pdf.cell(text=title, new_x="LMARGIN", new_y="NEXT", h=10)
    pdf.set_font(size=9)
    for remark in remarks:
        pdf.multi_cell(w=0, text=remark, new_x="LMARGIN", new_y="NEXT", h=5)
    heads = FontFace(color=MUTED, fill_color=SHADE)
    for table in tables:
        draw(pdf, table, heads, FontFace, address)
    return bytes(pdf.output())


def draw(pdf: Any, table: Table, heads: Any, face: Any, address: str) -> None:
    """One table; its head is repeated on each page, and its title never stands alone at the foot of one."""
    if pdf.will_page_break(LEAST_MM):
        pdf.add_page()
    pdf.ln(4)
    pdf.set_font(size=12)
    pdf.set_text_color(*INK)
    pdf.cell(text=str(table.title), new_x="LMARGIN", new_y="NEXT", h=8)
    pdf.set_font(size=9)
    if table.note:
        pdf.set_text_color(*MUTED)
        pdf.multi_cell(w=0, text=str(table.note), new_x="LMARGIN", new_y="NEXT", h=5)
        pdf.set_text_color(*INK)
    pdf.set_draw_color(*RULE)
    words = [column for column, cell in enumerate(table.rows[0]) if not cell.numeric] if table.rows else [0]
    shares = [FIRST_SHARE if column in words else 1.0 for column in range(len(table.heads))]
    sides = ["LEFT" if column in words else "RIGHT" for column in range(len(table.heads))]
    with pdf.table(
        col_widths=shares,
        text_align=sides,
        headings_style=heads,
        borders_layout="HORIZONTAL_LINES",
        line_height=ROW_MM,
        padding=(0, 1.5),
    ) as drawn:
        drawn.row([str(head) for head in table.heads])
        nothing = (Cell(str(NOTHING)), *[Cell("")] * (len(table.heads) - 1))
        for row in table.rows or (nothing,):
            line, ground = drawn.row(), SHADE if table.summed and row is table.rows[-1] else None
            for cell in row:
                style = face(color=RED if cell.bad else INK, fill_color=ground)
                line.cell(cell.text, link=f"{address}{cell.href}" if cell.href else None, style=style)


NOTHING = Label("没有", "None")
