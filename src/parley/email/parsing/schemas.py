"""What a mail says, as it travels between processes."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from parley.email.parsing.errors import NotReadReason


class MailAddress(Struct, frozen=True):
    """An address with the name before it. The domain is in lower case, what is before the @ as it was written."""

    name: str
    address: str


class ParsedAttachment(Struct, frozen=True):
    """A file of a mail. `name` and `content_type` are what the sender wrote: neither is clean nor true.

    `placeholder` stands in the text where the mail shows the file.
    """

    name: str
    content_type: str
    content: bytes
    content_id: str | None = None
    is_inline: bool = False
    placeholder: str | None = None


class BouncedRecipient(Struct, frozen=True):
    """What became of one recipient (RFC 3464 2.3). `status` is like 5.1.1, or empty where nobody told it."""

    address: str
    kind: Literal["hard", "soft"]
    status: str
    diagnostic: str


class ParsedBounce(Struct, frozen=True):
    """A mail of ours that didn't arrive, or not yet. The first recipient that failed for good stands for all.

    `kind` is hard when no further attempt will be made for a reason that stays, and soft for a delay, a full mailbox
    and alike. `original_message_id` is without brackets.
    """

    kind: Literal["hard", "soft"]
    status: str
    recipients: tuple[BouncedRecipient, ...]
    original_message_id: str | None
    diagnostic: str


class AuthenticationResult(Struct, frozen=True):
    """One result of a check by `server` of the sender (RFC 8601): `method` is spf, dkim or dmarc; `domain` is whose."""

    server: str
    method: str
    result: str
    domain: str


class ParsedMail(Struct, frozen=True, kw_only=True):
    """A mail, read. Every text is without NUL and lone surrogates; ids of messages are without brackets.

    `text`, `quoted_text` and `signature` together are all lines of `body`. `sender_from` names the field that the
    sender was taken from: `from`, or the one of a list that had rewritten it; `n_from` is how many From lines there are.
    `delivered_to` are the addresses that the mail was delivered to, the most trusted first. `defects` says in words what
    had to be repaired.
    """

    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    from_name: str = ""
    from_address: str = ""
    sender_from: str = "from"
    header_from: tuple[MailAddress, ...] = ()
    n_from: int = 0
    reply_to: tuple[MailAddress, ...] = ()
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    delivered_to: tuple[str, ...] = ()
    return_path: str | None = None
    subject: str = ""
    date: datetime | None = None
    body: str = ""
    text: str = ""
    quoted_text: str = ""
    signature: str = ""
    html: str | None = None
    attachments: tuple[ParsedAttachment, ...] = ()
    automatic: str | None = None
    bounce: ParsedBounce | None = None
    defects: tuple[str, ...] = ()


class ReadRequest(Struct):
    """How a mail is to be read."""

    is_html_shown: bool


class ReadReply(Struct):
    """A mail whose attachments have no content, which travels by itself, or why it wasn't read."""

    mail: ParsedMail | None = None
    reason: NotReadReason | None = None
