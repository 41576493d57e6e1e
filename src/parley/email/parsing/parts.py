"""The parts of a mail, as slices of its bytes (RFC 2046 5.1).

Python's own parser builds a list of all lines. A mail of 30 MB takes 150 MB there, and 390 MB and eleven seconds when
its lines are empty (docs/decisions). Here nothing is copied before a part is decoded, and a message inside the mail
stays as its bytes.
"""

import binascii
from dataclasses import dataclass, field
from functools import cached_property

from parley.email.parsing.errors import MailNotRead
from parley.email.parsing.headers import MailHeader, base64_bytes, parameters, read_header
from parley.email.parsing.limits import MAX_DEPTH, MAX_MAIL_BYTES, MAX_PARTS


@dataclass
class MailPart:
    """A part with its header. `children` are the parts of a multipart; all others have a body."""

    header: MailHeader
    raw: bytes = field(repr=False)
    start: int
    end: int
    default_type: str
    children: list["MailPart"] = field(default_factory=list)

    @cached_property
    def content_type(self) -> str:
        """The type in lower case, without parameters."""
        token = self.header.token("content-type")
        main, slash, sub = token.partition("/")
        if main and slash and sub and "/" not in sub and token.isascii() and token.isprintable():
            return token
        return "text/plain" if token else self.default_type

    @cached_property
    def type_parameters(self) -> dict[str, str]:
        return parameters(_from_semicolon(self.header.first("content-type")))

    @cached_property
    def disposition(self) -> str:
        return self.header.token("content-disposition")

    @cached_property
    def file_name(self) -> str:
        """The name that the sender gave; empty where there is none (RFC 2183 2.3)."""
        given = parameters(_from_semicolon(self.header.first("content-disposition")))
        return given.get("filename") or self.type_parameters.get("name") or ""

    def content(self) -> bytes:
        """Return the body as it was before it was encoded for transfer (RFC 2045 6)."""
        body = memoryview(self.raw)[self.start : self.end]
        encoding = self.header.token("content-transfer-encoding")
        if encoding == "base64":
            return base64_bytes(body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            from parley.email.parsing.uuencode import first_file

            return first_file(bytes(body))
        return bytes(body)


def _from_semicolon(value: str) -> str:
    return value[value.index(";") :] if ";" in value else ""


def read_parts(raw: bytes) -> MailPart:
    """Return the mail as a tree of parts. Raises MailNotRead beyond the limits, and nothing else."""
    if len(raw) > MAX_MAIL_BYTES:
        raise MailNotRead("too_large")
    start = 0
    while raw[start : start + 1] in (b"\r", b"\n"):
        start += 1
    return _Reader(raw).part(start, len(raw), "text/plain", 0)


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.n_parts = 0

    def part(self, start: int, end: int, default_type: str, depth: int) -> MailPart:
        self.n_parts += 1
        if self.n_parts > MAX_PARTS:
            raise MailNotRead("too_many_parts")
        if depth > MAX_DEPTH:
            raise MailNotRead("too_deep")
        header, body = read_header(self.raw, start, end)
        part = MailPart(header, self.raw, body, end, default_type)
        if part.content_type.startswith("multipart/"):
            default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
            for child_start, child_end in self._slices(part):
                part.children.append(self.part(child_start, child_end, default, depth + 1))
        return part

    def _slices(self, part: MailPart) -> list[tuple[int, int]]:
        """Return where the parts of a multipart begin and end; none where its boundary never comes."""
        boundary = part.type_parameters.get("boundary", "").rstrip()
        if not boundary:
            return []
        delimiter = b"--" + boundary.encode("utf-8", "replace")
        slices: list[tuple[int, int]] = []
        begin: int | None = None
        position, n_seen = part.start, 0
        while (found := self.raw.find(delimiter, position, part.end)) >= 0:
            n_seen += 1
            if n_seen > MAX_PARTS * 10:  # of lines that only look like the boundary, too
                raise MailNotRead("too_many_parts")
            line_end = self._end_of_line(found + len(delimiter), part.end)
            rest = self.raw[found + len(delimiter) : line_end].strip(b" \t\r\n") if line_end else b"?"
            position = found + len(delimiter)
            if line_end is None or rest not in (b"", b"--") or not self._at_line_start(found, part.start):
                continue
            if begin is not None:
                slices.append((begin, self._without_line_break(begin, found)))
            begin, position = line_end, line_end
            if rest == b"--":
                return slices
            if len(slices) > MAX_PARTS:
                raise MailNotRead("too_many_parts")
        if begin is not None:
            slices.append((begin, part.end))
        return slices

    def _end_of_line(self, position: int, end: int) -> int | None:
        """Return where the next line begins, or None for a line that is too long to be a delimiter."""
        found = self.raw.find(b"\n", position, min(end, position + 80))
        if found >= 0:
            return found + 1
        return end if end - position < 80 else None

    def _at_line_start(self, position: int, first: int) -> bool:
        return position == first or self.raw[position - 1] == 0x0A

    def _without_line_break(self, begin: int, end: int) -> int:
        if end > begin and self.raw[end - 1] == 0x0A:
            end -= 1
            if end > begin and self.raw[end - 1] == 0x0D:
                end -= 1
        return end
