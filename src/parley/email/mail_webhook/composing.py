"""The form as a mail: the raw form that is kept, the same for the same form, written piece by piece."""

import binascii
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import IO

import msgspec

from parley.email.inbound.rules.headers import MAX_HEAD_BYTES, header_end
from parley.email.inbound.rules.provider import CONTENT_TYPE
from parley.email.inbound.schemas import RawMail
from parley.email.mail_webhook.form import PostedFile, PostedForm
from parley.email.mail_webhook.rules import Headers, header_lines
from parley.kernel.text.surrogates import without_halves

LIST, MOST_HEADERS = "message-headers", 10_000
PIECE = 57 * 1024  # base64 of it has no padding, and whole lines of 76
_NO_CID = re.compile(r"[^\x21-\x7e]")


class _Part(msgspec.Struct, frozen=True):
    """A part of the mail: the lines of its header, and what is in it."""

    header: str
    file: IO[bytes]


def read_headers(form: PostedForm) -> Headers | None:
    """Return the header fields of the mail as the provider lists them; None where its list can't be read or believed.

    A form without a list has an empty one. One with two may have one that the sender has written as a header field.
    """
    if LIST in form.repeated:
        return None
    text = without_halves(form.fields.get(LIST, "[]").encode())
    try:
        listed = msgspec.json.decode(text, type=list[tuple[str, str]])
    except msgspec.DecodeError:
        return None
    return listed if len(listed) <= MOST_HEADERS else None


def compose(form: PostedForm, headers: Headers, findings: bytes, target: IO[bytes]) -> RawMail:
    """Write the mail into a file, and describe it; `findings` is the part of that name. Blocks: call it in a thread."""
    if "body-mime" in form.spooled:
        for piece in _pieces(form.spooled["body-mime"]):
            target.write(piece)
    else:
        for line in _composed(form, headers, findings):
            target.write(line)
    return _described(target)


def whole_mail(file: IO[bytes]) -> bytes:
    """Return a posted mail with the line ends that it was signed with, also where the form has none but LF. Blocks."""
    file.seek(0)
    mail = file.read()
    return mail if b"\r" in mail else mail.replace(b"\n", b"\r\n")


def _composed(form: PostedForm, headers: Headers, findings: bytes) -> Iterator[bytes]:
    parts = [*_bodies(form), _findings(findings), *_files(form)]
    boundary = _boundary(parts)
    for name, value in header_lines(form.fields, headers):
        yield f"{name}: {value}\r\n".encode("utf-8", "replace")
    yield f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode()
    texts = [part for part in parts if part.header.startswith("Content-Type: text/")]
    if len(texts) == 2:
        inner = f"{boundary}-texts"
        yield f'--{boundary}\r\nContent-Type: multipart/alternative; boundary="{inner}"\r\n\r\n'.encode()
        for part in texts:
            yield from _written(part, inner)
        yield f"--{inner}--\r\n".encode()
        parts = [part for part in parts if part not in texts]
    for part in parts:
        yield from _written(part, boundary)
    yield f"--{boundary}--\r\n".encode()


def _bodies(form: PostedForm) -> Iterator[_Part]:
    for name, kind in (("body-plain", "text/plain"), ("body-html", "text/html")):
        if name in form.spooled:
            yield _Part(f"Content-Type: {kind}; charset=utf-8\r\n", form.spooled[name])


def _findings(content: bytes) -> _Part:
    return _Part(f"Content-Type: {CONTENT_TYPE}\r\n", _file_of(content))


def _file_of(content: bytes) -> IO[bytes]:
    from io import BytesIO

    return BytesIO(content)


def _files(form: PostedForm) -> Iterator[_Part]:
    ids = _content_ids(form)
    for one in form.files:
        yield _Part(_file_header(one, ids.get(one.name)), one.file)


def _content_ids(form: PostedForm) -> dict[str, str]:
    """Return the Content-ID of each file that the HTML shows, by the name of its field."""
    try:
        listed = msgspec.json.decode(form.fields.get("content-id-map", "{}"), type=dict[str, str])
    except msgspec.DecodeError:
        return {}
    return {field: _NO_CID.sub("", cid).strip("<>")[:200] for cid, field in listed.items()}


def _file_header(one: PostedFile, content_id: str | None) -> str:
    """Return the header of a file. Its type is what it contains, whatever the form says."""
    name = "".join(f"%{byte:02X}" for byte in one.filename.encode("utf-8", "replace")[:1000])
    kind = "inline" if content_id else "attachment"
    header = (
        f"Content-Type: application/octet-stream\r\nContent-Disposition: {kind}; filename*=utf-8''{name}\r\n"
    )
    return header + (f"Content-ID: <{content_id}>\r\n" if content_id else "")


def _boundary(parts: list[_Part]) -> str:
    """Return a line that can't be in base64, made of the content, so that the same form is the same mail."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.header.encode("utf-8", "replace"))
        for piece in _pieces(part.file):
            digest.update(piece)
    return f"parley-{digest.hexdigest()[:32]}"


def _written(part: _Part, boundary: str) -> Iterator[bytes]:
    yield f"--{boundary}\r\n{part.header}Content-Transfer-Encoding: base64\r\n\r\n".encode("utf-8", "replace")
    for piece in _pieces(part.file):
        for start in range(0, len(piece), 57):
            yield binascii.b2a_base64(piece[start : start + 57], newline=False) + b"\r\n"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _described(target: IO[bytes]) -> RawMail:
    target.seek(0)
    head = target.read(MAX_HEAD_BYTES)
    end = header_end(head)
    whole, body, at = hashlib.sha256(), hashlib.sha256(), 0
    for piece in _pieces(target):
        whole.update(piece)
        body.update(piece[max(0, end - at) :] if at < end else piece)
        at += len(piece)
    return RawMail(at, whole.hexdigest(), head, body.hexdigest(), partial(_chunks, target))


async def _chunks(target: IO[bytes]) -> AsyncIterator[bytes]:
    for piece in _pieces(target):
        yield piece
