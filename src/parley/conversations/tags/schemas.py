"""Tags on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from parley.kernel.http.body import TRIM

Name = Annotated[str, Meta(min_length=1, max_length=1000, extra=TRIM)]


class TagOut(msgspec.Struct, frozen=True):
    """A tag; both counts are of the tickets that the caller sees, and `open_count` of those that aren't resolved."""

    name: str
    ticket_count: int
    open_count: int


class TagRename(msgspec.Struct, frozen=True, kw_only=True):
    """The new name of a tag; `merge` says that it may be the name of another one, so that both become one."""

    name: Name
    to: Name
    merge: bool = False


class TagDeletion(msgspec.Struct, frozen=True, kw_only=True):
    """The tag that all tickets lose."""

    name: Name


class TagChange(msgspec.Struct, frozen=True):
    """What happens to a tag: its tickets get `into` instead, or lose it."""

    name: str
    into: str | None = None


class TagChangeOut(msgspec.Struct, frozen=True):
    """How many tickets a change is about, and whether all have it; if not, the others get it in the background."""

    ticket_count: int
    is_done: bool
