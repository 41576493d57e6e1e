"""What the ledger shows of a mail before it is interpreted: three fields of its header, read in bounded time."""

import hashlib
import re
from collections.abc import Sequence
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parseaddr

import msgspec

from parley.email.threading.rules import MAX_ID_LENGTH, bare_id
from parley.kernel.network.emails import normal_email

MAX_HEAD_BYTES = 64 * 1024
"""How much of a mail is looked at for its header fields."""
MAX_SUBJECT, MAX_ADDRESS, MAX_ENCODED = 500, 320, 2000
_END = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(rb"\r?\n(?=[ \t])")
_FIELD = re.compile(rb"^(message-id|subject|from)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_LOOP = re.compile(rb"^x-loop[ \t]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class GlimpsedHeader(msgspec.Struct, frozen=True):
    """Three fields, empty or None where there are none; `message_id` is without brackets."""

    message_id: str | None
    subject: str
    from_address: str


def header_end(head: bytes) -> int:
    """Return where the body of a mail begins, or the length of what is given where that is all header."""
    found = _END.search(head)
    return found.end() if found else len(head)


def glimpsed(head: bytes) -> GlimpsedHeader:
    """Read the fields; never raises. What the mail really says, interpreting it will tell."""
    lines = _FOLDED.sub(b"", head[: min(header_end(head), MAX_HEAD_BYTES)])
    fields: dict[bytes, str] = {}
    for name, value in _FIELD.findall(lines):
        fields.setdefault(name.lower(), _decoded(value[:MAX_ENCODED]))
    message_id = bare_id(fields.get(b"message-id", ""))
    address = parseaddr(fields.get(b"from", ""))[1]
    return GlimpsedHeader(
        message_id if 0 < len(message_id) <= MAX_ID_LENGTH else None,
        fields.get(b"subject", "")[:MAX_SUBJECT],
        ledger_address(address),
    )


def ledger_address(address: str) -> str:
    """Return an address as the ledger stores and compares it."""
    return normal_email(storable(address))[:MAX_ADDRESS]


def storable(text: str) -> str:
    """Return the text without what no database stores, on one line."""
    return " ".join(text.replace("\x00", "").encode("utf-8", "replace").decode().split())


def _decoded(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    try:
        return storable(str(make_header(decode_header(text))))
    except (MessageError, ValueError, LookupError, AssertionError):
        return storable(text)


def delivery_digest(message_id: str | None, body_digest: str, whole_digest: str) -> str:
    """Return what tells one mail of a channel from another: its Message-ID with what comes behind its header.

    The header itself differs with the way that a mail takes, so it counts only where there is no Message-ID. Two mails
    under one Message-ID are both kept, and the second is looked at when it is interpreted.
    """
    told = f"{message_id}\n{body_digest}" if message_id else whole_digest
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def has_loop_mark(head: bytes, marks: Sequence[str]) -> bool:
    """Say whether a mail carries this project's own `X-Loop` field."""
    lines = _FOLDED.sub(b"", head[: min(header_end(head), MAX_HEAD_BYTES)])
    known = [mark.encode() for mark in marks]
    return any(value.strip() in known for value in _LOOP.findall(lines))
