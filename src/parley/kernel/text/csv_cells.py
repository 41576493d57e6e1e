"""Text of strangers in files that spreadsheets open."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
BYTE_ORDER_MARK = "\ufeff"
"""By it Excel knows that the file is UTF-8."""


def harmless_cell(text: str) -> str:
    """Return a text such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
