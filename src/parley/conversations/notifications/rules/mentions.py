"""Whom a note mentions: `@` and an address or a name in its text, a mention in its rich form, or ids beside it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from parley.accounts.users.rules import full_name
from parley.kernel.text.forms import folded

MAX_MENTIONS = 50
MAX_NODES = 10_000
NODES = ("ph-mention", "mention")
# Not inside a word, so not in an address.
AT = re.compile(r"(?<![\w.])@")


class Mentionable(msgspec.Struct, frozen=True):
    """A member whom a note may mention."""

    user_id: int
    email: str
    first_name: str
    last_name: str


def mentioned_ids(
    content: str, rich_content: Any, given: Iterable[int], members: Iterable[Mentionable]
) -> set[int]:
    """Return the members whom a note mentions.

    A first name alone counts where only one member has it. Of names that begin alike the longest counts.
    """
    members = list(members)
    found = {*given, *_in_rich(rich_content)} & {one.user_id for one in members}
    return found | _in_text(content, _by_name(members))


def _by_name(members: Iterable[Mentionable]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    first_names: dict[str, set[int]] = {}
    for one in members:
        for name in (one.email, full_name(one.first_name, one.last_name)):
            found.setdefault(folded(name), set()).add(one.user_id)
        first_names.setdefault(folded(one.first_name), set()).add(one.user_id)
    alone = {name: ids for name, ids in first_names.items() if len(ids) == 1}
    return {name: ids for name, ids in {**alone, **found}.items() if name}


def _in_text(content: str, by_name: Mapping[str, set[int]]) -> set[int]:
    text, found = folded(content), set[int]()
    lengths = sorted({len(name) for name in by_name}, reverse=True)
    for n, at in enumerate(AT.finditer(text)):
        if n == MAX_MENTIONS:
            break
        found |= next(_beginning(text, at.end(), lengths, by_name), set())
    return found


def _beginning(
    text: str, start: int, lengths: Iterable[int], by_name: Mapping[str, set[int]]
) -> Iterator[set[int]]:
    for length in lengths:
        end = start + length
        if text[start:end] in by_name and not text[end : end + 1].isalnum():
            yield by_name[text[start:end]]


def _in_rich(rich_content: Any) -> Iterator[int]:
    """Yield the ids of the mentions in a TipTap document."""
    waiting, n = [rich_content], 0
    while waiting and n < MAX_NODES:
        node, n = waiting.pop(), n + 1
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            attributes = node.get("attrs")
            if node.get("type") in NODES and isinstance(attributes, dict):
                id = attributes.get("id")
                if (
                    isinstance(id, int | str)
                    and str(id).isascii()
                    and str(id).isdigit()
                    and len(str(id)) < 11
                ):
                    yield int(id)
            waiting.append(node.get("content"))
