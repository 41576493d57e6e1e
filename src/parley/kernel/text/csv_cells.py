"""Text of strangers in files that spreadsheets open."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
BYTE_ORDER_MARK = "\ufeff"
"""By it Excel knows that the file is UTF-8."""
CsvRow = Sequence[str | int | float | None]


def harmless_cell(text: str) -> str:
    """Return a text such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_text(rows: Iterable[CsvRow]) -> str:
    """Return rows as RFC 4180 has them. A text is never a formula, and a whole number has no decimals."""
    file = io.StringIO()
    csv.writer(file).writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue()


def csv_file(rows: Iterable[CsvRow]) -> bytes:
    """Return rows as a whole file."""
    return f"{BYTE_ORDER_MARK}{csv_text(rows)}".encode()


def _cell(value: str | int | float | None) -> str | int | float | None:
    if isinstance(value, str):
        return harmless_cell(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
