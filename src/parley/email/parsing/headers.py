"""The header of a mail or of a part: fields as they are, and their text (RFC 5322 2.2, 2047, 2231, 6532)."""

import binascii
import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote_to_bytes

from parley.email.parsing.charsets import codec_named, text_of
from parley.email.parsing.errors import MailNotRead
from parley.email.parsing.limits import (
    MAX_FIELD_CHARS,
    MAX_HEADER_BYTES,
    MAX_HEADER_LINES,
    MAX_TEXT_FIELD_CHARS,
)
from parley.kernel.text.forms import storable

LINE = re.compile(rb"(?:([^\s:]+)[ \t]*:|[ \t]|>?From )([^\r\n]*)(?:\r\n|\r|\n|\Z)")
KNOWN = re.compile(
    rb"[^\r\n]{0,200}\r?\n(?i:received|delivered-to|return-path|date|from|to|cc|subject|reply-to|message-id"
    rb"|in-reply-to|references|mime-version|content-type|content-transfer-encoding)[ \t]*:"
)
"""A line that is no field, before one that surely is."""

BLANK = re.compile(rb"\r\n|\r|\n|\Z")
WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?((?:[^?]|\?(?!=)){0,1000})\?=")
"""An encoded word. Its text has neither spaces nor question marks by RFC 2047, but in mails it has."""

BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;"]*)', re.DOTALL)
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
SECTION = re.compile(r"([^*]+)(?:\*([0-9]{1,3}))?(\*)?")
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
SPACES = re.compile(r"\s+")


class MailHeader:
    """The fields of one header, in their order. Names are in lower case, values are bytes on one line."""

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields

    @cached_property
    def charset(self) -> str:
        """The charset of the body. Fields with bytes beyond ASCII that aren't UTF-8 mostly have it, too."""
        value = next((value for field, value in self.fields if field == "content-type"), b"")
        return parameters(value[:MAX_FIELD_CHARS].decode("ascii", "replace")).get("charset", "")

    def all(self, name: str) -> list[str]:
        """Return the values of every field of this name as text; encoded words are left as they are."""
        return [self._text(value) for field, value in self.fields if field == name]

    def first(self, name: str) -> str:
        """Return the value of the first field of this name, or an empty text."""
        for field, value in self.fields:
            if field == name:
                return self._text(value)
        return ""

    def _text(self, value: bytes) -> str:
        return text_of(value[:MAX_FIELD_CHARS], None if value.isascii() else self.charset)

    def text(self, name: str) -> str:
        """Return what the first field of this name says to people, on one line."""
        return one_line(decoded_words(self.first(name)))

    def token(self, name: str) -> str:
        """Return the first word of a field in lower case: `multipart/mixed` of a Content-Type."""
        return SPACES.sub("", self.first(name).partition(";")[0].partition("(")[0]).lower()


def read_header(raw: bytes, start: int, end: int) -> tuple[MailHeader, int]:
    """Return the header that begins at `start`, and where the body begins. A line that is no field begins the body."""
    fields: list[tuple[str, bytes]] = []
    position, n_lines = start, 0
    while position < end:
        found = LINE.match(raw, position, end)
        if found is None:
            if BLANK.match(raw, position, end) or not KNOWN.match(raw, position, end):
                break
            position = raw.index(b"\n", position) + 1
            continue
        name, value = found.groups()
        if name is not None:
            fields.append((name.decode("ascii", "replace").lower(), value))
        elif fields and raw[position : position + 1] in b" \t":
            fields.append(("", value))
        position, n_lines = found.end(), n_lines + 1
        if position - start > MAX_HEADER_BYTES or n_lines > MAX_HEADER_LINES:
            raise MailNotRead("header_too_large")
    blank = BLANK.match(raw, position, end)
    return MailHeader(list(_unfolded(fields))), blank.end() if blank else position


def _unfolded(lines: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    name, pieces = "", list[bytes]()
    for next_name, value in lines:
        if next_name:
            if name:
                yield name, b" ".join(pieces)
            name, pieces = next_name, []
        pieces.append(value.strip())
    if name:
        yield name, b" ".join(pieces)


def decoded_words(value: str) -> str:
    """Return the text of a field, its encoded words decoded wherever they stand."""
    if "=?" not in value:
        return value
    pieces, position = list[str](), 0
    content, charset = b"", ""
    joined = BETWEEN_WORDS.sub("", value)
    for found in WORD.finditer(joined):
        next_charset = found[1].partition("*")[0].lower()
        if content and (found.start() > position or next_charset != charset):
            pieces.append(text_of(content, charset))
            content = b""
        pieces.append(joined[position : found.start()])
        content, charset, position = content + _word_bytes(found[2], found[3]), next_charset, found.end()
    if content:
        pieces.append(text_of(content, charset))
    return "".join(pieces) + joined[position:]


def _word_bytes(encoding: str, text: str) -> bytes:
    content = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(content.replace(b" ", b"_"), header=True)
    return base64_bytes(content)


def base64_bytes(content: bytes | memoryview) -> bytes:
    """Decode base64 with missing or wrong padding, and with anything else in between."""
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        kept = NOT_BASE64.sub(b"", content)
        return binascii.a2b_base64(kept[: len(kept) - (len(kept) % 4 == 1)] + b"==")


def one_line(text: str) -> str:
    """Return a subject or name as people see it: no control characters, no runs of spaces, not longer than allowed."""
    clean = SPACES.sub(" ", CONTROLS.sub(" ", text[: MAX_TEXT_FIELD_CHARS * 4]))
    return storable(clean).strip()[:MAX_TEXT_FIELD_CHARS]


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a Content-Type or Content-Disposition, those in sections joined (RFC 2231 3, 4)."""
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in PARAMETER.finditer(value):
        section = SECTION.fullmatch(found[1].lower())
        if section and (text := _unquoted(found[2])):
            name, number, star = section[1], int(section[2] or 0), section[3]
            sections.setdefault(name, {}).setdefault(number, (text, star is not None))
    return {name: _joined([found[number] for number in sorted(found)]) for name, found in sections.items()}


def _unquoted(text: str) -> str:
    text = text.strip()
    if not text.startswith('"'):
        return text.partition(" (")[0].strip()
    return ESCAPED.sub(r"\1", text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:])


def _joined(pieces: list[tuple[str, bool]]) -> str:
    if not any(is_encoded for _, is_encoded in pieces):
        return decoded_words("".join(text for text, _ in pieces))
    charset, first = "", pieces[0][0]
    if pieces[0][1] and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
    rest = [(first, pieces[0][1]), *pieces[1:]]
    content = b"".join(unquote_to_bytes(text) if encoded else text.encode() for text, encoded in rest)
    return text_of(content, charset if codec_named(charset) else None)
