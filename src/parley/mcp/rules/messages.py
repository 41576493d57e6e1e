"""What kind of message of JSON-RPC 2.0 a body is."""

from enum import Enum, auto

import msgspec

from parley.kernel.text.json_text import read_json


class BodyKind(Enum):
    """SILENT is a notification or an answer, which nobody answers; ASKING is a request, or nothing that makes sense."""

    ASKING = auto()
    SILENT = auto()
    UNREADABLE = auto()


def kind_of(body: bytes) -> BodyKind:
    """Return the kind of a body."""
    try:
        read = read_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return BodyKind.UNREADABLE
    if not isinstance(read, dict) or read.get("jsonrpc") != "2.0":
        return BodyKind.ASKING
    is_notification = "id" not in read and isinstance(read.get("method"), str)
    is_answer = "method" not in read and "id" in read and ("result" in read or "error" in read)
    return BodyKind.SILENT if is_notification or is_answer else BodyKind.ASKING
