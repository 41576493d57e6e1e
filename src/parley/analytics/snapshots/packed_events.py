"""Events whose parts posthog-js has packed: gzip, whose bytes are the letters of a JSON text (`cv` is `2024-10`).

They are the `data` of full snapshots, and members of the `data` of changes. Whoever asks for `decompress` gets them as
rrweb made them. What can't be unpacked, or would be too much, stays as it is. One line is in memory at a time.
"""

import codecs
import zlib
from collections.abc import Iterable, Iterator

import msgspec

from parley.kernel.text.surrogates import readable_json

VERSION = b'"2024-10"'
MARK = b'"cv"'
PACKED_MEMBERS = ("texts", "attributes", "removes", "adds")
MOST_OF_EVENT, MOST_OF_BLOCK = 8 * 1024 * 1024, 64 * 1024 * 1024
"""Bytes. An event that isn't packed is no larger, since a request isn't."""
UTF8_STEP = 64 * 1024
GZIP_WINDOW = 31

_Event = dict[str, msgspec.Raw]
_LINE = msgspec.json.Decoder(tuple[msgspec.Raw, _Event])
_EVENT = msgspec.json.Decoder(_Event)
_TEXT = msgspec.json.Decoder(str)


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a text that comes in pieces, each with its end."""
    begun: list[bytes] = []
    for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for line in whole:
            yield b"".join((*begun, line, b"\n"))
            begun = []
        begun.append(rest)
    if any(begun):
        yield b"".join(begun)


def unpacked_lines(lines: Iterable[bytes], most: int = MOST_OF_BLOCK) -> Iterator[bytes]:
    """Yield the lines of a block with the packed parts of their events unpacked, `most` bytes altogether."""
    for line in lines:
        if MARK not in line:
            yield line
            continue
        changed = _unpacked_line(line, min(most, MOST_OF_EVENT))
        most -= max(len(changed) - len(line), 0)
        yield changed


def _unpacked_line(line: bytes, most: int) -> bytes:
    try:
        window_id, event = _LINE.decode(line)
        if bytes(event.pop("cv", b"")) != VERSION or "data" not in event:
            return line
        event["data"] = msgspec.Raw(_unpacked_data(bytes(event["data"]), most))
        return msgspec.json.encode((window_id, event)) + b"\n"
    except (msgspec.MsgspecError, zlib.error, ValueError, RecursionError):
        return line


def _unpacked_data(data: bytes, most: int) -> bytes:
    if data.startswith(b'"'):
        return _unpacked(data, most)
    members = _EVENT.decode(data)
    for name in PACKED_MEMBERS:
        value = bytes(members.get(name, b""))
        if value.startswith(b'"'):
            members[name] = msgspec.Raw(_unpacked(value, most))
            most -= len(bytes(members[name]))
    return msgspec.json.encode(members)


def _unpacked(packed: bytes, most: int) -> bytes:
    """Return the JSON text on one line; raises ValueError and alike for anything else."""
    inflater = zlib.decompressobj(GZIP_WINDOW)
    text = inflater.decompress(_TEXT.decode(packed).encode("latin-1"), max(most, 1))
    if not inflater.eof:
        raise ValueError("too much, or not all of it")
    _check_utf8(text)
    # Where an end of line stands in JSON, it is white space.
    return readable_json(text).replace(b"\n", b" ").replace(b"\r", b" ")


def _check_utf8(text: bytes) -> None:
    """Raise UnicodeDecodeError unless the bytes are UTF-8; a text of them could take four times as much memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(text), UTF8_STEP):
        decoder.decode(text[start : start + UTF8_STEP])
    decoder.decode(b"", final=True)
