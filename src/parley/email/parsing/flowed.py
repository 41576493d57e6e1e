"""Paragraphs that were divided into lines for transfer, as paragraphs again (RFC 3676)."""

import re

QUOTES = re.compile(r">*")
SIGNATURE_LINE = "-- "


def unflowed(text: str, *, is_space_deleted: bool) -> str:
    """Join each line that ends in a space with the next one, where both are quoted equally deep (RFC 3676 4.1, 4.5)."""
    paragraphs: list[list[str]] = []
    depth_before, is_open = 0, False
    for line in text.split("\n"):
        found = QUOTES.match(line)
        depth = found.end() if found else 0
        rest = line[depth:].removeprefix(" ")
        is_flowed = rest.endswith(" ") and rest != SIGNATURE_LINE
        if is_open and depth == depth_before and rest != SIGNATURE_LINE:
            paragraphs[-1].append(rest)
        else:
            paragraphs.append([">" * depth + (" " if depth and rest else ""), rest])
        if is_flowed and is_space_deleted:
            paragraphs[-1][-1] = rest[:-1]
        depth_before, is_open = depth, is_flowed
    return "\n".join("".join(pieces) for pieces in paragraphs)
