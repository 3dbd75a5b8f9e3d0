"""How does a list become a spreadsheet that shows what was entered and computes nothing that was typed?"""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chassis.documents import Document
from chassis.instants import FACTORY
from chassis.language import Label, word
from chassis.ui.shapes import Member, Shape, members_of_document
from chassis.ui.visits import Visit
from contracts.words import WORDS

# A cell that begins so would be taken for a formula by some program, sooner or later.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SHEET_NAME_LENGTH = 31
YES, NO = Label("是", "Yes"), Label("否", "No")
WIDTHS = {Shape.LONG: 32, Shape.TIME: 17, Shape.DATE: 12, Shape.MONEY: 14, Shape.TEXT: 20}


def workbook(kind: type[Document], documents: Sequence[Any], seen: Visit, below: str | None = None) -> bytes:
    """One sheet with a row for each document, and one more for each table inside the documents; `below` says what is missing."""
    import xlsxwriter  # a tenth of a service's start, for whoever asks for a spreadsheet

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            Shape.MONEY: money_format(book),
            Shape.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
            Shape.TIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        members = members_of_document(kind)
        plain = [member for member in members if member.shape is not Shape.ROWS]
        rows = [[getattr(document, member.name) for member in plain] for document in documents]
        write_sheet(book, str(kind.title), plain, rows, formats, seen, below=below)
        number = members[0]
        for table in members:
            if table.shape is Shape.ROWS:
                rows = [
                    [document.no, *(getattr(row, column.name) for column in table.columns)]
                    for document in documents
                    for row in getattr(document, table.name) or ()
                ]
                write_sheet(book, str(table.label), [number, *table.columns], rows, formats, seen, below=below)
    return buffer.getvalue()


def money_format(book: Any) -> Any:
    return book.add_format({"num_format": "#,##0.00##"})


def write_sheet(
    book: Any,
    title: str,
    members: Sequence[Member],
    rows: Sequence[Sequence[Any]],
    formats: dict[Any, Any],
    seen: Visit,
    *,
    above: Sequence[str] = (),
    below: str | None = None,
) -> None:
    """A sheet with its heads frozen; `above` are lines that say what it is, `below` is one that says what it leaves out."""
    sheet = book.add_worksheet(title[:SHEET_NAME_LENGTH])
    head = len(above)
    for line, said in enumerate(above):
        sheet.write_string(line, 0, harmless(said))
    sheet.freeze_panes(head + 1, 1)
    for column, member in enumerate(members):
        sheet.write_string(head, column, str(member.label), formats["head"])
        sheet.set_column(column, column, WIDTHS.get(member.shape, 14))
    for line, row in enumerate(rows, head + 1):
        for column, (member, value) in enumerate(zip(members, row, strict=True)):
            write_cell(sheet, line, column, value, formats.get(member.shape), seen)
    if rows:
        sheet.autofilter(head, 0, head + len(rows), len(members) - 1)
    if below:
        sheet.write_string(head + len(rows) + 2, 0, harmless(below))


def write_cell(sheet: Any, line: int, column: int, value: Any, style: Any, seen: Visit) -> None:
    """Numbers and dates as such, everything else as text that is never taken for a formula."""
    if value is None or value == "":
        sheet.write_blank(line, column, None)
    elif isinstance(value, bool):
        sheet.write_string(line, column, str(YES if value else NO))
    elif isinstance(value, Decimal | int):
        sheet.write_number(line, column, value, style)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, column, value.astimezone(FACTORY).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
    else:
        sheet.write_string(line, column, harmless(in_words(value, seen)))


def in_words(value: Any, seen: Visit) -> str:
    """A text as the page would show it: people with nicknames, terms by their words, lists joined."""
    if isinstance(value, list | tuple):
        return "、".join(in_words(item, seen) for item in value)
    if str(value) in seen.nicknames:
        return seen.name_of(str(value))
    return str(word(value)) if str(value) in WORDS else str(value)


def harmless(text: str) -> str:
    """The text with an apostrophe before what looks like a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
