"""The part of a file that a request asks for (RFC 9110, section 14)."""

import re

ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


class NoSuchRange(Exception):
    """The range begins behind the end of the file."""


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """Return from where, up to not including where, a `Range` header wants a file; None for all of it.

    Several ranges, and what can't be read, are answered with the whole file, as the RFC allows. Raises NoSuchRange.
    """
    found = ONE_RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0 or size == 0:
            raise NoSuchRange
        return max(0, size - int(last)), size
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise NoSuchRange
    return start, end
