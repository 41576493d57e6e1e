"""One mail, read."""

import re
from html import escape

from msgspec.structs import replace

from parley.email.parsing.automatic import automatic_reason
from parley.email.parsing.bodies import Contents, Piece, read_contents
from parley.email.parsing.bounces import parsed_bounce
from parley.email.parsing.dates import written_at
from parley.email.parsing.headers import MailHeader
from parley.email.parsing.inline_images import InlineImages, inline_images, with_placeholders
from parley.email.parsing.message_ids import message_id, message_ids
from parley.email.parsing.parts import MailPart, read_parts
from parley.email.parsing.replies import separated
from parley.email.parsing.schemas import ParsedAttachment, ParsedMail
from parley.email.parsing.senders import delivered_to, listed, return_path, sender_of
from parley.kernel.text.html_text import rough_text, text_of_html
from parley.kernel.text.safe_html import sanitized

FORWARD = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|doorst|vb|pd)\s*[:：]", re.IGNORECASE)
DAEMON_REASONS = {"delivery_report", "null_sender", "daemon", "auto_replied", "auto_submitted"}


def parse_mail(raw: bytes, *, is_html_shown: bool = True) -> ParsedMail:
    """Return what a mail says. Raises MailNotRead beyond the limits, and nothing else, whatever the bytes are.

    Without `is_html_shown`, HTML becomes a file, and its text what remains without tags: for a mail whose HTML takes too
    long to make harmless.
    """
    mail = read_parts(raw)
    contents = read_contents(mail)
    if not is_html_shown:
        _put_html_aside(contents)
    htmls = [None if piece.html is None else sanitized(piece.html) for piece in contents.pieces]
    images = inline_images(contents.attachments)
    body = "\n".join(
        _text_of(piece, html, images) for piece, html in zip(contents.pieces, htmls, strict=True)
    ).strip("\n")
    found = _of_header(mail.header)
    reply = separated(body, is_forward=FORWARD.match(found.subject) is not None)
    return _judged(
        replace(
            found,
            body=body,
            text=reply.text,
            quoted_text=reply.quoted_text,
            signature=reply.signature,
            html=_html(contents.pieces, htmls),
            attachments=with_placeholders(contents.attachments, images, body),
            defects=(*found.defects, *contents.defects),
        ),
        mail,
    )


def _of_header(header: MailHeader) -> ParsedMail:
    """Return what the header of a mail says."""
    date, wrong_date = written_at(header.first("date"), header.all("received"))
    sender, sender_from = sender_of(header)
    return ParsedMail(
        message_id=message_id(header.first("message-id")),
        in_reply_to=message_ids(" ".join(header.all("in-reply-to"))),
        references=message_ids(" ".join(header.all("references"))),
        from_name=sender.name,
        from_address=sender.address,
        sender_from=sender_from,
        header_from=listed(header, "from"),
        n_from=len(header.all("from")),
        reply_to=listed(header, "reply-to"),
        to=listed(header, "to"),
        cc=listed(header, "cc"),
        delivered_to=delivered_to(header),
        return_path=return_path(header),
        subject=header.text("subject"),
        date=date,
        defects=tuple(filter(None, (wrong_date, _wrong_from(header)))),
    )


def _wrong_from(header: MailHeader) -> str | None:
    if len(header.all("from")) > 1:
        return "There is more than one From."
    return None if listed(header, "from") else "From has no address."


def _judged(found: ParsedMail, mail: MailPart) -> ParsedMail:
    """Say whether a machine wrote the mail, and whether it is about a mail that didn't arrive."""
    automatic = automatic_reason(
        mail.header,
        report_type=mail.type_parameters.get("report-type", "").lower() if mail.children else "",
        return_path=found.return_path,
        sender=found.from_address or found.from_name,
        subject=found.subject,
    )
    is_from_daemon = automatic in DAEMON_REASONS or mail.header.first("from").strip() == "<>"
    bounce = parsed_bounce(
        mail,
        subject=found.subject,
        body=found.body,
        is_automatic=automatic is not None or is_from_daemon,
        is_from_daemon=is_from_daemon,
    )
    return replace(found, automatic=automatic or ("delivery_report" if bounce else None), bounce=bounce)


def _text_of(piece: Piece, html: str | None, images: InlineImages) -> str:
    if html is not None and not (piece.text and piece.text.strip()):
        return images.in_text(text_of_html(html, images.of_content_id))
    return images.in_text(piece.text or "")


def _html(pieces: list[Piece], htmls: list[str | None]) -> str | None:
    if all(html is None for html in htmls):
        return None
    return "\n".join(
        html if html is not None else "<div>" + escape(piece.text or "").replace("\n", "<br>\n") + "</div>"
        for piece, html in zip(pieces, htmls, strict=True)
    )


def _put_html_aside(contents: Contents) -> None:
    for piece in contents.pieces:
        if piece.html is not None:
            contents.attachments.append(
                ParsedAttachment(name="page.html", content_type="text/html", content=piece.html.encode())
            )
            piece.text, piece.html = piece.text or rough_text(piece.html), None
    contents.defects.append("The HTML takes too long to make harmless; it is in a file.")
