"""`python -m services.accountability.figures.report_paper`: read a report as JSON from its input, and write it as a PDF.

A process of its own: what a PDF needs in memory is several times what the service needs for its work, and is gone afterwards.
Chinese needs a font; it comes with the environment, and only the characters that are used are embedded, so that the paper looks
the same everywhere.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fpdf import FPDF
from fpdf.fonts import FontFace
from pylopdf_fonts_zh_cn import sans_path

INK, MUTED, RULE, RED, SHADE = (20, 24, 31), (88, 98, 115), (154, 163, 176), (176, 32, 44), (240, 242, 245)
MARGIN_MM, ROW_MM, LEAST_MM = 14, 6.2, 45
"""A table with less room than `LEAST_MM` below its title begins on the next page."""
FIRST_SHARE = 2.2
"""A column of words is so many times as wide as one of figures."""
HEADS = FontFace(color=MUTED, fill_color=SHADE)


class Paper(FPDF):
    """A4 across, with what it is and its page number at the foot of each page."""

    def __init__(self, title: str, place: str, language: str) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.foot = f"{place} · {title}"
        self.set_title(title)
        self.set_lang("en" if language == "en" else "zh-CN")
        self.set_margin(MARGIN_MM)
        self.add_font("text", fname=sans_path())
        self.set_font("text", size=9)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-MARGIN_MM + 3)
        self.set_font(size=8)
        self.set_text_color(*MUTED)
        self.cell(w=self.epw / 2, text=self.foot)
        self.cell(w=self.epw / 2, text=f"{self.page_no()} / {{nb}}", align="R")

    def line_of(self, text: str, *, size: int, height: float, color: tuple[int, int, int] = INK) -> None:
        self.set_font(size=size)
        self.set_text_color(*color)
        self.multi_cell(w=0, text=text, h=height, align="L", new_x="LMARGIN", new_y="NEXT")


def paper(said: Mapping[str, Any]) -> bytes:
    """The report page by page; whatever can be opened on its page can be opened from here."""
    pdf = Paper(said["title"], said["place"], said["language"])
    pdf.line_of(said["title"], size=18, height=10)
    for remark in said["remarks"]:
        pdf.line_of(remark, size=9, height=5)
    for table in said["tables"]:
        draw(pdf, table)
    return bytes(pdf.output())


def draw(pdf: Paper, table: Mapping[str, Any]) -> None:
    """One table; its head is repeated on each page, and its title never stands alone at the foot of one."""
    if pdf.will_page_break(LEAST_MM):
        pdf.add_page()
    pdf.ln(4)
    pdf.line_of(table["title"], size=12, height=8)
    pdf.set_font(size=9)
    pdf.set_draw_color(*RULE)
    with pdf.table(
        col_widths=[1.0 if numeric else FIRST_SHARE for numeric in table["numeric"]],
        text_align=["RIGHT" if numeric else "LEFT" for numeric in table["numeric"]],
        headings_style=HEADS,
        borders_layout="HORIZONTAL_LINES",
        line_height=ROW_MM,
        padding=(0, 1.5),
    ) as drawn:
        drawn.row(table["heads"])
        for row in table["rows"]:
            fill(drawn.row(), row, SHADE if table["summed"] and row is table["rows"][-1] else None)


def fill(line: Any, row: Sequence[Mapping[str, Any]], ground: tuple[int, int, int] | None) -> None:
    for cell in row:
        style = FontFace(color=RED if cell["bad"] else INK, fill_color=ground)
        line.cell(cell["text"], link=cell["link"] or None, style=style)


if __name__ == "__main__":
    sys.stdout.buffer.write(paper(orjson.loads(sys.stdin.buffer.read())))
