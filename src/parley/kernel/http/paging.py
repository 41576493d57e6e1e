"""Limit/offset pages (docs/wire/requests.md#lists)."""

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec

from parley.kernel.http.request import ParleyRequest

T = TypeVar("T")

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_OFFSET = 2**31
MAX_DIGITS = 10


class Page(msgspec.Struct, Generic[T]):
    """One page of a list; `count` is the number of all matches, `next` and `previous` are absolute URLs or null."""

    count: Annotated[int, msgspec.Meta(ge=0)]
    next: str | None
    previous: str | None
    results: Sequence[T]


class PageRequest(msgspec.Struct, frozen=True):
    """Which page of a list a request asks for."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    cursor: str | None = (
        None  # as a list has put it into `next`: a page found by it costs what the first one costs
    )


def page_request(
    request: ParleyRequest, *, default: int = DEFAULT_LIMIT, most: int = MAX_LIMIT
) -> PageRequest:
    """Read `limit`, `offset` and `after_mark`; what can't be read takes its default, a larger limit is clamped."""
    limit = _number(request.query_params.get("limit"), default)
    return PageRequest(
        limit=min(limit, most) if limit > 0 else default,
        offset=min(_number(request.query_params.get("offset"), 0), MAX_OFFSET),
        cursor=request.query_params.get("after_mark"),
    )


def _number(text: str | None, default: int) -> int:
    if not text or not text.isascii() or not text.isdigit():
        return default
    # Larger than anything that is looked at, whatever it is; Python wouldn't read thousands of digits.
    return int(text) if len(text) <= MAX_DIGITS else 10**MAX_DIGITS


def page_of(
    request: ParleyRequest,
    asked: PageRequest,
    count: int,
    results: Sequence[T],
    *,
    cursor: str | None = None,
    has_more: bool | None = None,
) -> Page[T]:
    """Build the envelope; `cursor` is the opaque place behind the last row, for `next`.

    `has_more` says whether another page follows where count and offset don't tell.
    """
    behind = asked.offset + asked.limit
    has_more = behind < count if has_more is None else has_more
    before = asked.offset - asked.limit
    return Page(
        count=count,
        next=request.url_with({"limit": asked.limit, "offset": behind, "after_mark": cursor})
        if has_more
        else None,
        previous=(
            request.url_with(
                {"limit": asked.limit, "offset": before if before > 0 else None, "after_mark": None}
            )
            if asked.offset > 0
            else None
        ),
        results=results,
    )
