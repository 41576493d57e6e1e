"""Words and numbers as they stand in charts."""

from collections.abc import Iterable
from typing import Any
from unicodedata import category, combining

LONGEST_LABEL = 60
MOST_MARKS = 3
"""Marks on one letter; more would cover the lines above and below."""

JOINERS = "\u200c\u200d"
OTHER, NOTHING = "$$_posthog_breakdown_other_$$", "$$_posthog_breakdown_null_$$"
MATHS = {
    "dau": "unique people",
    "weekly_active": "active in 7 days",
    "monthly_active": "active in 30 days",
    "unique_session": "sessions",
    "avg": "average",
    "sum": "sum",
    "min": "least",
    "max": "most",
    "median": "median",
    "p90": "90th percentile",
    "p95": "95th percentile",
    "p99": "99th percentile",
}


def label(text: str, most: int = LONGEST_LABEL) -> str:
    """Return a text of a stranger as one short line: without direction marks, control characters and towers of accents."""
    kept: list[str] = []
    marks = 0
    for one in text[: most * 8]:
        marks = marks + 1 if combining(one) else 0
        kind = category(one)
        if marks > MOST_MARKS or (kind in ("Cf", "Cs", "Co") and one not in JOINERS):
            continue
        kept.append(" " if kind in ("Cc", "Zl", "Zp", "Zs") else one)
    line = " ".join("".join(kept).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def breakdown_text(value: Any) -> str:
    """Return the words for a value of a breakdown; several are joined."""
    if isinstance(value, list):
        return ", ".join(breakdown_text(one) for one in value)
    if value is None or value in ("", NOTHING):
        return "(not set)"
    if value == OTHER:
        return "Other values"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def distinct(labels: Iterable[str]) -> list[str]:
    """Return the labels, each of them once: the second `Paid` is `Paid (2)`."""
    found: list[str] = []
    for text in labels:
        n, name = 1, text
        while name in found:
            n += 1
            name = f"{text} ({n})"
        found.append(name)
    return found


def number(value: float | int | None) -> str:
    """Return a number for people: `1,234`, `0.25`, `1,234.5`."""
    if value is None:
        return "-"
    size = abs(value)
    digits = 0 if float(value).is_integer() or size >= 1000 else 1 if size >= 100 else 2 if size >= 0.1 else 4
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Return a share as a percentage. What isn't all is never 100 %, and what isn't nothing never 0 %."""
    if 0 < share < 0.001:
        return "<0.1%"
    text = f"{share * 100:.1f}".rstrip("0").rstrip(".")
    return "99.9%" if text == "100" and share < 1 else f"{text}%"


def duration(seconds: float | None) -> str:
    """Return a length of time by its two largest units: `2 h 5 min`."""
    if seconds is None:
        return "-"
    rest, words = round(seconds), []
    for size, word in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if rest >= size:
            words.append(f"{rest // size} {word}")
            rest %= size
    return " ".join(words[:2]) or "0 s"
