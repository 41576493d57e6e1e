"""Which part of a mail is its text, and which are files (RFC 2046, 2183, 2387)."""

import re
from dataclasses import dataclass, field

from parley.email.parsing.charsets import text_of, with_line_feeds
from parley.email.parsing.data_images import images_taken_out
from parley.email.parsing.flowed import unflowed
from parley.email.parsing.limits import MAX_BODY_BYTES
from parley.email.parsing.parts import MailPart
from parley.email.parsing.schemas import ParsedAttachment
from parley.email.parsing.uuencode import taken_out
from parley.kernel.text.html_text import rough_text

# Other forms of a text that stands beside them, for readers that few people have.
RARE = {"text/x-amp-html", "text/watch-html"}
NAMES = {
    "message/rfc822": "message.eml",
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "header.txt",
    "text/calendar": "invite.ics",
    "text/html": "page.html",
    "text/plain": "text.txt",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/ms-tnef": "winmail.dat",
    "application/pgp-encrypted": "version.asc",
    "application/pdf": "file.pdf",
    "image/png": "image.png",
    "image/jpeg": "image.jpg",
    "image/gif": "image.gif",
}
CONTENT_ID = re.compile(r"<?([^<>\s]+)>?")
TOO_LONG = "The text is longer than 1 MB; all of it is in a file."
BEGIN = re.compile(rb"^begin ", re.MULTILINE)


@dataclass
class Piece:
    """A piece of the body in one form, or in both, where they say the same."""

    text: str | None = None
    html: str | None = None


@dataclass
class Contents:
    """What a mail consists of."""

    pieces: list[Piece] = field(default_factory=list)
    attachments: list[ParsedAttachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    n_body_bytes: int = 0


def read_contents(mail: MailPart) -> Contents:
    """Return the pieces of the body in their order, and all files."""
    contents = Contents()
    contents.pieces = _pieces(mail, contents)
    return contents


def _pieces(part: MailPart, contents: Contents) -> list[Piece]:
    """Return the pieces of a part; its files go to `contents`."""
    if not part.children:
        return _of_leaf(part, contents)
    if part.content_type == "multipart/alternative":
        return _of_alternative(part, contents)
    return [piece for child in part.children for piece in _pieces(child, contents)]


def _of_alternative(part: MailPart, contents: Contents) -> list[Piece]:
    """Return one piece in both forms: of each form the last that isn't empty (RFC 2046 5.1.4)."""
    text = html = None
    for child in part.children:
        if child.content_type in RARE:
            continue
        pieces = _pieces(child, contents)
        if any(piece.html is not None for piece in pieces):
            html = pieces
        elif any(piece.text and piece.text.strip() for piece in pieces):
            text = pieces
    if text is None or html is None:
        return text or html or []
    return [
        Piece(
            text="\n".join(piece.text for piece in text if piece.text),
            html="\n".join(piece.html for piece in html if piece.html),
        )
    ]


def _of_leaf(part: MailPart, contents: Contents) -> list[Piece]:
    if not _is_body(part):
        contents.attachments.append(_attachment(part, part.content()))
        return []
    content = part.content()
    if part.content_type != "text/html" and BEGIN.search(content):
        content, files = taken_out(content)
        contents.attachments += [
            ParsedAttachment(name=name, content_type="application/octet-stream", content=file)
            for name, file in files
        ]
    if part.content_type == "text/html":
        content, images = images_taken_out(content, len(contents.attachments))
        contents.attachments += images
    room = MAX_BODY_BYTES - contents.n_body_bytes
    contents.n_body_bytes += min(len(content), room)
    if len(content) <= room:
        return [_piece(part, content)]
    contents.attachments.append(_attachment(part, content))
    if TOO_LONG not in contents.defects:
        contents.defects.append(TOO_LONG)
    cut = _piece(part, content[:room])
    return [cut if cut.html is None else Piece(text=rough_text(cut.html))]


def _piece(part: MailPart, content: bytes) -> Piece:
    text = with_line_feeds(text_of(content, part.type_parameters.get("charset")))
    if part.content_type == "text/html":
        return Piece(html=text)
    if part.type_parameters.get("format", "").lower() == "flowed":
        text = unflowed(text, is_space_deleted=part.type_parameters.get("delsp", "").lower() == "yes")
    return Piece(text=text)


def _is_body(part: MailPart) -> bool:
    if part.content_type not in ("text/plain", "text/html") and not part.content_type.startswith(
        "multipart/"
    ):
        return False
    return part.disposition != "attachment" and not part.file_name


def _attachment(part: MailPart, content: bytes) -> ParsedAttachment:
    found = CONTENT_ID.fullmatch(part.header.first("content-id").strip())
    content_id = found[1] if found else None
    return ParsedAttachment(
        name=part.file_name or NAMES.get(part.content_type, "file"),
        content_type=part.content_type,
        content=content,
        content_id=content_id,
        is_inline=part.disposition == "inline"
        or (content_id is not None and part.disposition != "attachment"),
    )
