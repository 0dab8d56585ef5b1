"""CSV as spreadsheets write it and read it: pure functions between bytes and rows of text.

Formula cells: a program that opens our files would run a cell that begins like a formula. Such a value gets an apostrophe in
front when it is written, which is taken off again when it is read; a formula that was not written by us is refused.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_ROWS = 1000
MOST_FILLED_UP = 100
"""Cells to which a short row is filled up: more than any file has that can be used, so that a long header costs no memory."""
LARGEST = 5 * 1024 * 1024
DELIMITERS = (",", ";", "\t")
WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ESCAPE = "'"


class Unreadable(Exception):
    """The file cannot be used as a whole; the message says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the names of its columns, and each row with its line in the file."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]


def read(content: bytes) -> Sheet:
    """The table in a file: UTF-8, or UTF-16 with its byte order mark; cells divided by comma, semicolon or tab.

    Rows without any text are left out. A short row is filled up with empty cells.

    Raises:
        Unreadable: it is no such file, has no row below its header, or more than may be uploaded (R-BULK-2).
    """
    text = _text(content)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    line = 0
    try:
        for cells in reader:
            line += 1
            trimmed = [cell.strip() for cell in cells]
            if not any(trimmed):
                continue
            if not columns:
                columns = _without_empty_end(trimmed)
                continue
            if len(rows) == MOST_ROWS:
                raise Unreadable(_("Split the file: at most %(n)s rows.") % {"n": "1,000"})
            rows.append((line, trimmed + [""] * (min(len(columns), MOST_FILLED_UP) - len(trimmed))))
    except csv.Error as error:
        raise Unreadable(_("Line %(line)d of the file is not valid CSV.") % {"line": reader.line_num}) from error
    if not rows:
        raise Unreadable(_("The file holds no row below its header."))
    return Sheet(columns, rows)


def _text(content: bytes) -> str:
    """The text of a file.

    An encoding is never guessed: a wrong guess would store wrong names.
    """
    if len(content) > LARGEST:
        raise Unreadable(_("The file is larger than 5 MB. Split it: at most 1,000 rows."))
    if not content.strip():
        raise Unreadable(_("The file is empty."))
    if content.startswith((WORKBOOK, OLD_WORKBOOK)):
        raise Unreadable(_("This is a workbook. Save it as CSV UTF-8 in your spreadsheet program."))
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            _("The file is not encoded in UTF-8. Save it as CSV UTF-8 in your spreadsheet program.")
        ) from error
    if "\x00" in text:
        raise Unreadable(_("The file is not a CSV file."))
    return text


def _without_empty_end(cells: list[str]) -> list[str]:
    return cells[: max((at for at, cell in enumerate(cells, 1) if cell), default=0)]


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet program would calculate this cell; a number with a sign and a telephone number are none."""
    return cell.startswith(FORMULA) and any(letter not in "0123456789 +-()." for letter in cell)


def unescaped(cell: str) -> str:
    """A cell without the apostrophe that `line` put in front."""
    return cell[1:] if cell.startswith(ESCAPE) and cell[1:].startswith(FORMULA) else cell


def line(cells: Iterable[str]) -> str:
    """One line of a file that people open in a spreadsheet program."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(f"{ESCAPE}{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
    return buffer.getvalue()


def header(columns: Sequence[str]) -> str:
    """The first line of a file, after the mark by which spreadsheet programs know UTF-8."""
    return "\ufeff" + line(columns)
