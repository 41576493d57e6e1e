"""One mail, read."""

from html import escape

from parley.email.parsing.addresses import addresses, first_name
from parley.email.parsing.bodies import Contents, Piece, read_contents
from parley.email.parsing.dates import written_at
from parley.email.parsing.headers import MailHeader
from parley.email.parsing.html import sanitized
from parley.email.parsing.message_ids import message_id, message_ids
from parley.email.parsing.parts import read_parts
from parley.email.parsing.schemas import MailAddress, ParsedMail


def parse_mail(raw: bytes, trusted_hops: frozenset[str] = frozenset()) -> ParsedMail:
    """Return what a mail says. Raises MailNotRead beyond the limits, and nothing else, whatever the bytes are.

    `trusted_hops` are names of servers whose Authentication-Results count (RFC 8601 2.2).
    """
    mail = read_parts(raw)
    header = mail.header
    contents = read_contents(mail)
    body = "".join(piece.text or "" for piece in contents.pieces)
    date, wrong_date = written_at(header.first("date"), header.all("received"))
    froms = addresses(", ".join(header.all("from")))
    return ParsedMail(
        message_id=message_id(header.first("message-id")),
        in_reply_to=message_ids(" ".join(header.all("in-reply-to"))),
        references=message_ids(" ".join(header.all("references"))),
        from_name=froms[0].name if froms else first_name(header.first("from")),
        from_address=froms[0].address if froms else "",
        header_from=froms,
        reply_to=_list(header, "reply-to"),
        to=_list(header, "to"),
        cc=_list(header, "cc"),
        subject=header.text("subject"),
        date=date,
        body=body,
        text=body,
        html=_html(contents),
        attachments=tuple(contents.attachments),
        defects=tuple(filter(None, (wrong_date, *contents.defects))),
    )


def _list(header: MailHeader, name: str) -> tuple[MailAddress, ...]:
    return addresses(", ".join(header.all(name)))


def _html(contents: Contents) -> str | None:
    if all(piece.html is None for piece in contents.pieces):
        return None
    return "\n".join(map(_html_of, contents.pieces))


def _html_of(piece: Piece) -> str:
    if piece.html is not None:
        return sanitized(piece.html)
    return "<div>" + escape(piece.text or "").replace("\n", "<br>\n") + "</div>"
