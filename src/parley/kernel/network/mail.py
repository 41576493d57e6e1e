"""Outgoing mail: through SMTP, or as files in the data folder when no server is set."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formataddr, formatdate, parseaddr
from html import escape
from pathlib import Path
from unicodedata import category
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from parley.kernel.network.domains import ascii_domain
from parley.kernel.network.emails import has_mailbox
from parley.kernel.network.smtp import MailServerConnection, connection_to

LONGEST_NAME, LONGEST_SUBJECT = 100, 200
JOINERS = "\u200c\u200d"  # format characters that words and emoji need


def one_line(text: str, most: int = LONGEST_NAME) -> str:
    """Return a name as it may stand in a sentence of ours: no line, no reading direction and no link of its own.

    Nor is it an encoded word (RFC 2047): in a header the library would decode it, line breaks included.
    """
    kept = (one for one in text if one in JOINERS or category(one) not in ("Cf", "Cs") or one.isspace())
    spaced = "".join(" " if category(one) in ("Cc", "Zl", "Zp") else one for one in kept)
    line = " ".join(spaced.replace("://", ": //").replace("=?", "= ?").split())
    return line if len(line) <= most else f"{line[:most].rstrip()}..."


def quoted(text: str) -> str:
    """Return somebody's words with `> ` before each line, so that none can be taken for one of ours."""
    return "\n".join(f"> {line}" for line in text.splitlines())


class MailFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a mail. With a `content_id` the HTML shows it as `cid:...` (RFC 2392); it has no angle brackets."""

    name: str
    content_type: str
    content: bytes
    content_id: str | None = None


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail of Parley itself. `message_id` has no angle brackets and is the same for every attempt at this mail."""

    to: str
    subject: str
    text: str
    message_id: str
    html: str | None = None
    unsubscribe_url: str | None = None  # a POST to it ends such mail (RFC 8058)
    files: Sequence[MailFile] = ()


def mail_with_link(
    to: str, subject: str, paragraphs: list[str], link: str, work_id: UUID, label: str | None = None
) -> Mail:
    """Return a mail with a link on its own line; one work is one mail, however often it is tried.

    With a `label` the HTML shows that: what a stranger has chosen of the link is nothing for people to read.
    """
    before, after = paragraphs[0], paragraphs[1:]
    html = [f"<p>{escape(before)}</p>", f'<p><a href="{escape(link)}">{escape(label or link)}</a></p>']
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join([before, link, *after]) + "\n",
        html="".join([*html, *(f"<p>{escape(text)}</p>" for text in after)]),
        message_id=f"{work_id}@parley",
    )


class MailRefused(Exception):
    """The mail server doesn't take a mail; the text is what it says. `is_final`: asking again is of no use."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.is_final = is_final


class Mailer:
    """Sends mails; the caller retries (docs/decisions/0010), so a mail may go out again under the same Message-ID."""

    def __init__(self, smtp_url: str | None, data_dir: Path, site_url: str) -> None:
        self._smtp_url, self._data_dir, self._site_url = smtp_url, data_dir, site_url
        self._sender = f"parley@{urlsplit(site_url).hostname or 'localhost'}"

    async def send(self, mail: Mail) -> None:
        """Hand the mail over; raises NoAnswer or MailRefused."""
        async with self.handed_over(mail):
            pass

    @asynccontextmanager
    async def handed_over(self, mail: Mail) -> AsyncIterator[None]:
        """Hand the mail over as `send` does, and say goodbye to the server only after the caller has noted that.

        Mail to somebody who has no address at the moment goes nowhere.
        """
        if not has_mailbox(mail.to):
            yield
            return
        # In a file a link can be copied out of the text.
        encoding = "8bit" if self._smtp_url is None else None
        recipient, content = await asyncio.to_thread(self._encoded, mail, encoding)
        connection = self.connection()
        try:
            answers = await connection.send(mail.message_id, self._sender, [recipient], content)
            answer = answers[recipient]
            if not answer.is_accepted:
                raise MailRefused(str(answer), is_final=answer.is_final)
            yield
        finally:
            await connection.close()

    def connection(self) -> MailServerConnection:
        """Return a new connection to where mails go; it is made when it is used, and the caller closes it."""
        return connection_to(self._smtp_url, self._data_dir, self._site_url)

    def _encoded(self, mail: Mail, encoding: str | None) -> tuple[str, bytes]:
        """Return the recipient and the mail as it travels. Ten megabytes take a second: not for the event loop."""
        message = self._message(mail, encoding)
        return message["To"].addresses[0].addr_spec, message.as_bytes()

    def _message(self, mail: Mail, encoding: str | None = None) -> EmailMessage:
        message = EmailMessage(policy=SMTP if mail.to.isascii() else SMTPUTF8)
        message["From"] = formataddr(("Parley", self._sender))
        local_part, at, domain = parseaddr(mail.to)[1].rpartition("@")
        message["To"] = f"{local_part}{at}{ascii_domain(domain)}"
        message["Subject"] = one_line(mail.subject, LONGEST_SUBJECT)
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = f"<{mail.message_id}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's auto-responder should answer
        if mail.unsubscribe_url:
            message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(mail.text, cte=encoding)
        if mail.html:
            message.add_alternative(mail.html, subtype="html", cte=encoding)
        _add_files(message, mail)
        return message


def _add_files(message: EmailMessage, mail: Mail) -> None:
    """Put the files of a mail where it shows them, or beside what it says."""
    for one in mail.files:
        kind, _, form = one.content_type.partition("/")
        if one.content_id and mail.html:
            html = message.get_payload()[1]  # type: ignore[index]
            html.add_related(  # type: ignore[union-attr]
                one.content, kind, form, cid=f"<{one.content_id}>", filename=one.name, disposition="inline"
            )
    for one in mail.files:
        kind, _, form = one.content_type.partition("/")
        if not (one.content_id and mail.html):
            message.add_attachment(one.content, kind, form, filename=one.name)
