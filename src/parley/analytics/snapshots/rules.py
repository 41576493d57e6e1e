"""Which blocks of a recording a request asks for."""

from collections.abc import Mapping

import msgspec

from parley.kernel.errors import Invalid, not_a_choice

SOURCE = "blob_v2"
MOST_APART, MOST_APART_OF_KEY = 100, 20
"""How far the first and the last key of a range may lie apart, in pages and with an API key."""
MOST_NUMBER = 2**31 - 1


class BlockRange(msgspec.Struct, frozen=True):
    """Blocks by their numbers, from the first up to and including the last."""

    first: int
    last: int
    is_unpacked: bool = False  # with the packed parts of events unpacked

    @property
    def is_one(self) -> bool:
        return self.first == self.last


def asked_range(query: Mapping[str, str], *, is_key: bool, is_member: bool = True) -> BlockRange | None:
    """Return what a query asks for; None for the list of sources. Raises Invalid."""
    source = query.get("source")
    if source is None:
        return None
    if source != SOURCE:
        raise not_a_choice(source[:100], "source")
    is_unpacked = query.get("decompress", "").lower() in ("true", "1")
    if is_unpacked and not is_member:
        raise Invalid("A link opens events as they were recorded. Unpack them yourself.", attr="decompress")
    if "blob_key" in query:
        if "start_blob_key" in query or "end_blob_key" in query:
            raise Invalid("Give either blob_key, or start_blob_key and end_blob_key.", attr="blob_key")
        number = _number(query, "blob_key")
        return BlockRange(number, number, is_unpacked)
    first, last = _number(query, "start_blob_key"), _number(query, "end_blob_key")
    if last < first:
        raise Invalid("end_blob_key must not be smaller than start_blob_key.", attr="end_blob_key")
    most = MOST_APART_OF_KEY if is_key else MOST_APART
    if last - first > most:
        raise Invalid(f"The blob keys of one request may lie at most {most} apart.", attr="end_blob_key")
    return BlockRange(first, last, is_unpacked)


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    if not text:
        sentence = "Give a blob_key, or a start_blob_key and an end_blob_key."
        raise Invalid(sentence, code="required", attr=name if name != "start_blob_key" else "blob_key")
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MOST_NUMBER):
        raise Invalid("A valid integer is required.", attr=name)
    return int(text)
