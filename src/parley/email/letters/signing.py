"""Signatures of mail (DKIM, RFC 6376), which say that a domain stands behind it."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from parley.kernel.network.domains import ascii_domain

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to",
    b"auto-submitted", b"list-unsubscribe", b"list-unsubscribe-post", b"mime-version", b"content-type",
)  # fmt: skip
"""Headers under the signature. RFC 8058, section 4, wants the two of unsubscribing among them."""
OVERSIGNED = (b"from", b"to", b"cc", b"subject", b"date", b"reply-to")
"""Named once more than they occur, so that nobody can add a second one."""
LINE = 72
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_SPACES = re.compile(rb"[ \t]+")


class SigningKey(msgspec.Struct, frozen=True):
    """The key of a domain, and the selector under which the DNS has its public half. `private_key` is a PEM."""

    domain: str
    selector: str
    private_key: str


def signed(mail: bytes, key: SigningKey, at: datetime) -> bytes:
    """Return a mail with a signature before it (rsa-sha256, relaxed/relaxed; docs/decisions/0030). Its lines end in CRLF."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    head, _, body = mail.partition(b"\r\n\r\n")
    headers = _headers_of(head)
    chosen = _chosen([name for name, _ in headers])
    digest = hashlib.sha256(_relaxed_body(body)).digest()
    fields = (
        b"v=1; a=rsa-sha256; c=relaxed/relaxed",
        b"d=" + ascii_domain(key.domain).encode(),
        b"s=" + key.selector.encode(),
        b"t=%d" % at.timestamp(),
        *_folded_list(b"h=", chosen),
        b"bh=" + base64.b64encode(digest),
    )
    left = {name: [value for other, value in headers if other == name] for name in set(chosen)}
    # The last one of a name is taken first; of those that are there less often than they are named, nothing.
    lines = [_relaxed_header(name, left[name].pop()) for name in chosen if left[name]]
    own = b"; ".join(fields).replace(b":; ", b": ") + b"; b="
    text = b"".join(lines) + b"dkim-signature:" + own
    signature = base64.b64encode(_loaded(key.private_key).sign(text, PKCS1v15(), SHA256()))
    # Relaxed, a fold counts as the one space that stands there.
    shown = b";\r\n ".join(fields).replace(b":;\r\n ", b":\r\n ")
    pieces = [signature[start : start + LINE] for start in range(0, len(signature), LINE)]
    return b"DKIM-Signature: " + shown + b";\r\n b=" + b"\r\n ".join(pieces) + b"\r\n" + mail


def _headers_of(head: bytes) -> list[tuple[bytes, bytes]]:
    unfolded = _FOLD.sub(b"", head)
    found = (line.partition(b":") for line in unfolded.split(b"\r\n"))
    return [(name.strip().lower(), value) for name, _, value in found]


def _chosen(names: Sequence[bytes]) -> list[bytes]:
    return [*(name for name in SIGNED if name in names), *OVERSIGNED]


def _folded_list(start: bytes, names: Sequence[bytes]) -> list[bytes]:
    """Return names joined by colons, in pieces that fit into a line; all but the last end in a colon."""
    half = len(names) // 2
    return [start + b":".join(names[:half]) + b":", b":".join(names[half:])]


def _relaxed_header(name: bytes, value: bytes) -> bytes:
    return name + b":" + _SPACES.sub(b" ", value).strip(b" ") + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    lines = _SPACES.sub(b" ", body).replace(b" \r\n", b"\r\n").rstrip(b" ")
    text = lines.rstrip(b"\r\n")
    return text + b"\r\n" if text else b""


@lru_cache(maxsize=100)
def _loaded(private_key: str) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key: Any = load_pem_private_key(private_key.encode(), password=None)
    return key  # type: ignore[no-any-return]
