"""An answer as a mail (RFC 5322): its texts, its headers, and its signature."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from secrets import token_hex

import msgspec

from parley.email.letters.header_fields import MAX_LINE_BYTES, FieldRegistry
from parley.kernel.network.domains import ascii_domain
from parley.kernel.network.mail import one_line
from parley.kernel.text.rich_content import html_of_rich, html_of_text, text_of_rich

# An id of a message stays on the line of its name: some programs read no further. Everything is 7 bit, so that no server
# on the way has to encode it anew, which would break the signature.
POLICY = SMTP.clone(max_line_length=MAX_LINE_BYTES, cte_type="7bit", header_factory=FieldRegistry())
UTF8_ADDRESSES = POLICY.clone(utf8=True, cte_type="8bit")
MAX_SUBJECT = 400
DEFAULT_SUBJECT = "Your support request"
MAX_REFERENCES_BYTES = 4000
"""Longer headers are refused by some servers. The first id and the latest ones are kept (RFC 5322, section 3.6.4)."""

# An encoded word (RFC 2047) in what a stranger has written would be decoded by the library, line breaks included.
PLAIN_ID = re.compile(r"(?:(?!=\?)[!-~])+")


class MailedFile(msgspec.Struct, frozen=True):
    """A file that goes along. Inline ones have a content id."""

    name: str
    content_type: str
    content: bytes
    content_id: str | None = None


class Said(msgspec.Struct, frozen=True):
    """One message of the team, as it goes into a mail."""

    content: str
    rich_content: object
    author: str
    at: datetime


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a mail says. Ids of messages have no angle brackets; `references` are oldest first."""

    from_name: str
    from_email: str
    to: str
    cc: Sequence[str] = ()
    subject: str
    message_id: str
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    reply_to: str | None = None
    at: datetime
    said: Sequence[Said]
    footer: str = ""
    files: Sequence[MailedFile] = ()
    links: Sequence[tuple[str, str]] = ()  # names and addresses of files that are too large to go along
    unsubscribe_url: str | None = None
    is_automatic: bool = False
    loop_mark: str | None = None  # by which we know our own mail when it comes back


def mail_address(address: str) -> str:
    """Return an address with its domain as mail servers know it (RFC 5891)."""
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{ascii_domain(domain)}"


def subject_of(stored: str | None, *, is_reply: bool) -> str:
    """Return the subject: `Re:` once before what it is about, except in the first mail of a thread."""
    about = one_line(stored or "", MAX_SUBJECT) or DEFAULT_SUBJECT
    if not is_reply or about[:3].lower() == "re:":
        return about
    return f"Re: {about}"


def text_of(said: Sequence[Said]) -> str:
    """Return the plain text of messages; several stand below each other, with their authors."""
    texts = [one.content.strip() or text_of_rich(one.rich_content) for one in said]
    if len(said) == 1:
        return texts[0]
    return "\n\n".join(f"{_byline(one)}\n\n{text}" for one, text in zip(said, texts, strict=True))


def html_of(said: Sequence[Said]) -> str:
    """Return the same as HTML, from the rich form where there is one that shows something."""
    parts = [html_of_rich(one.rich_content) or html_of_text(one.content) for one in said]
    if len(said) == 1:
        return parts[0]
    return "".join(f"{html_of_text(_byline(one))}{part}" for one, part in zip(said, parts, strict=True))


def _byline(said: Said) -> str:
    return f"{one_line(said.author)}, {said.at:%Y-%m-%d %H:%M} UTC:"


def mail_of(letter: Letter) -> EmailMessage:
    """Compose the mail. Equal letters give equal mails, but for the boundaries between the parts."""
    message = EmailMessage(policy=policy_for(letter.from_email, letter.to, *letter.cc))
    message["From"] = _sender(letter.from_name, letter.from_email)
    message["To"] = mail_address(letter.to)
    if letter.cc:
        message["Cc"] = ", ".join(map(mail_address, letter.cc))
    message["Subject"] = one_line(letter.subject, MAX_SUBJECT)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.message_id}>"
    if letter.in_reply_to and PLAIN_ID.fullmatch(letter.in_reply_to):
        message["In-Reply-To"] = f"<{letter.in_reply_to}>"
    if references := references_header(letter.references):
        message["References"] = references
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    if letter.is_automatic:
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834, section 5
    if letter.loop_mark:
        message["X-Loop"] = letter.loop_mark
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    _add_bodies(message, letter)
    for part in message.walk():
        if part.is_multipart():  # otherwise the library would look through all of the mail for one
            part.set_boundary(f"parley-{token_hex(16)}")
    return message


def policy_for(*addresses: str) -> "EmailPolicy[EmailMessage]":
    """Return the policy of a mail between these addresses, some of which may have letters beyond ASCII (RFC 6532)."""
    return UTF8_ADDRESSES if not all(mail_address(one).isascii() for one in addresses) else POLICY


def _sender(name: str, email: str) -> str:
    local_part, _, domain = mail_address(email).rpartition("@")
    return str(Address(one_line(name), local_part, domain))


def references_header(ids: Sequence[str]) -> str:
    """Return the header of a thread's ids, without broken ones, and without some in the middle where there are too many."""
    shown = [f"<{id}>" for id in dict.fromkeys(ids) if PLAIN_ID.fullmatch(id)]
    while len(shown) > 2 and sum(len(one) + 1 for one in shown) > MAX_REFERENCES_BYTES:
        del shown[1]
    return " ".join(shown)


def _add_bodies(message: EmailMessage, letter: Letter) -> None:
    text, html = text_of(letter.said), html_of(letter.said)
    if letter.links:
        listed = "\n".join(f"{name}: {url}" for name, url in letter.links)
        text, html = f"{text}\n\n{listed}", f"{html}{html_of_text(listed)}"
    if letter.footer:
        text, html = f"{text}\n\n-- \n{letter.footer}", f"{html}<hr>{html_of_text(letter.footer)}"
    message.set_content(text + "\n")
    message.add_alternative(f"<!DOCTYPE html><html><body>{html}</body></html>\n", subtype="html")
    inline = [one for one in letter.files if one.content_id and PLAIN_ID.fullmatch(one.content_id)]
    html_part = message.get_payload()[1]  # type: ignore[index]
    for one in inline:
        main, _, sub = one.content_type.partition("/")
        html_part.add_related(  # type: ignore[union-attr]
            one.content,
            main,
            sub,
            cid=f"<{one.content_id}>",
            filename=one_line(one.name, MAX_SUBJECT),
            disposition="inline",
        )
    for one in letter.files:
        if one not in inline:
            main, _, sub = one.content_type.partition("/")
            message.add_attachment(one.content, main, sub, filename=one_line(one.name, MAX_SUBJECT))
