"""Cells: values as CSV has them, none of which a spreadsheet takes for a formula.

RFC 4180 says how they are quoted. A text that begins with one of FORMULA gets an apostrophe in
front, and so does one that begins with apostrophes and then one of them: a program that reads the
file takes one away again and has exactly what was there.

Source: OWASP, "CSV Injection", read 2026-11-22.
"""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from read_api.answers import as_json

# The last four are the wide forms, which some spreadsheets take for the narrow ones.
FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def cell(value: Any) -> str:
    """A text as it is, but made safe; true and false; nothing for null; JSON for what has parts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if FORMULA.match(value) else value
    if isinstance(value, int | float):
        return str(value)
    return as_json(value).decode()


def plain(text: str) -> str:
    """The text that `cell` made safe."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def rows(values: Iterable[Iterable[Any]]) -> bytes:
    """Rows of cells in UTF-8."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([[cell(value) for value in row] for row in values])
    return written.getvalue().encode()
