"""Mail that says that a mail of ours didn't arrive (RFC 3464), and what servers sent before there was a form for it.

Anybody can write such a mail. It proves nothing unless it names a Message-ID of ours, which nobody can guess.
"""

import re
from typing import Literal

from parley.email.parsing.addresses import clean_address
from parley.email.parsing.headers import MailHeader, one_line, read_header
from parley.email.parsing.message_ids import message_id
from parley.email.parsing.parts import MailPart
from parley.email.parsing.schemas import BouncedRecipient, ParsedBounce

Kind = Literal["hard", "soft"]
STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
ORIGINAL_TYPES = {
    *(
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global-headers",
    ),
}
MAX_STATUS_BYTES, MAX_RECIPIENTS, MAX_DIAGNOSTIC_CHARS, MAX_BODY_CHARS = 262_144, 200, 1000, 20_000
STATUS = re.compile(r"\b([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
REPLY_CODE = re.compile(r"\b([45][0-9]{2})[ -]")
BLOCKS = re.compile(rb"\n[ \t\r]*\n\s*")
MESSAGE_ID_LINE = re.compile(
    r"^[ \t>]{0,8}Message-ID:[ \t]*\n?[ \t>]{0,8}(<[^<>\s]{3,300}>)", re.IGNORECASE | re.MULTILINE
)
ADDRESS = re.compile(r"[^\s<>\"'(),:;@\[\]=]{1,128}@[A-Za-z0-9.-]{1,200}\.[A-Za-z0-9-]{1,63}")
ORIGINAL_BEGINS = re.compile(
    r"^[ \t>-]{0,40}(?:message headers follow|original message|.{0,60}copy of (?:the|your) (?:original )?message|"
    r"unsent message|message header|original text follows|undelivered message|received:|return-path:)",
    re.IGNORECASE | re.MULTILINE,
)
SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|report|problem)|mail (?:delivery|system error)|returned mail|"
    r"failure (?:notice|delivery)|failed delivery|not be delivered|could not (?:send|deliver)|delayed mail|warning: message|"
    r"returning (?:message )?to sender|non[- ]?deliver|unzustellbar|недостав|не доставлено|"
    r"delivery notification|error sending your mail|message you sent blocked|メールエラー",
    re.IGNORECASE,
)
SOFT = {"5.2.2", "5.2.1"}
"""A full mailbox and one that takes nothing now: most of them work again later."""

DELAY = re.compile(
    r"delay|still being retried|will (?:continue|keep|be) (?:to )?(?:try|retr)|warning|deferred",
    re.IGNORECASE,
)


def parsed_bounce(
    mail: MailPart, *, subject: str, body: str, is_automatic: bool, is_from_daemon: bool
) -> ParsedBounce | None:
    """Return what a mail says about mail of ours that didn't arrive, or None for any other mail."""
    reports = [part for part in parts_of(mail) if part.content_type in STATUS_TYPES]
    if reports:
        found = [recipient for part in reports for recipient in _told(part.content())]
        return _bounce(found, mail, body)
    is_told = is_automatic and SUBJECT.search(subject)
    if not is_told and not (is_from_daemon and REPLY_CODE.search(body[:MAX_BODY_CHARS])):
        return None
    return _bounce(_mentioned(body[:MAX_BODY_CHARS], subject), mail, body)


def parts_of(mail: MailPart) -> list[MailPart]:
    """Return all parts below a mail, and the mail itself, in their order."""
    return [mail, *(part for child in mail.children for part in parts_of(child))]


def _bounce(found: list[BouncedRecipient], mail: MailPart, body: str) -> ParsedBounce | None:
    if not found:
        return None
    recipients = tuple({recipient.address: recipient for recipient in reversed(found)}.values())[::-1]
    worst = next((recipient for recipient in recipients if recipient.kind == "hard"), recipients[0])
    return ParsedBounce(
        kind=worst.kind,
        status=worst.status,
        recipients=recipients[:MAX_RECIPIENTS],
        original_message_id=_original_id(mail, body),
        diagnostic=worst.diagnostic,
    )


def _told(report: bytes) -> list[BouncedRecipient]:
    """Return the recipients of a delivery status that it failed or was late for (RFC 3464 2.3)."""
    found = []
    for block in BLOCKS.split(report[:MAX_STATUS_BYTES].strip())[: MAX_RECIPIENTS + 1]:
        header, _ = read_header(block, 0, len(block))
        address = _typed(header, "final-recipient") or _typed(header, "original-recipient")
        action = header.token("action")
        if not address or action in ("delivered", "relayed", "expanded"):
            continue
        diagnostic = one_line(header.first("diagnostic-code").partition(";")[2])[:MAX_DIAGNOSTIC_CHARS]
        status = STATUS.search(header.first("status") + " " + diagnostic)
        found.append(
            _recipient(address, status[1] if status else "", diagnostic, is_delayed=action == "delayed")
        )
    return found


def _typed(header: MailHeader, name: str) -> str:
    """Return the address of a field such as `rfc822; ada@example.com`; of others, what stands there."""
    value = header.first(name)
    told = value.partition(";")[2].strip() if ";" in value else value.strip()
    address = ADDRESS.search(told)
    return clean_address(address.group()) if address else one_line(told)[:320]


def _recipient(address: str, status: str, diagnostic: str, *, is_delayed: bool) -> BouncedRecipient:
    code = REPLY_CODE.search(diagnostic + " ")
    is_temporary = status.startswith("4") or (not status and code is not None and code[1].startswith("4"))
    kind: Kind = "soft" if is_delayed or is_temporary or status in SOFT else "hard"
    return BouncedRecipient(address=address, kind=kind, status=status, diagnostic=diagnostic)


def _mentioned(body: str, subject: str) -> list[BouncedRecipient]:
    """Return the recipients that the text names, before the copy of the original begins."""
    begins = ORIGINAL_BEGINS.search(body)
    told = body[: begins.start()] if begins and begins.start() > 40 else body
    names = [found for found in map(clean_address, ADDRESS.findall(told)) if found and not _is_daemon(found)]
    line = next((line for line in told.split("\n") if REPLY_CODE.search(line) or STATUS.search(line)), "")
    status = STATUS.search(told)
    is_delayed = DELAY.search(subject) is not None
    return [
        _recipient(
            address, status[1] if status else "", one_line(line)[:MAX_DIAGNOSTIC_CHARS], is_delayed=is_delayed
        )
        for address in list(dict.fromkeys(names))[:MAX_RECIPIENTS]
    ]


def _is_daemon(address: str) -> bool:
    return address.lower().startswith(("mailer-daemon@", "postmaster@"))


def _original_id(mail: MailPart, body: str) -> str | None:
    """Return the Message-ID of the mail that bounced: of the copy of it, or where the text names one."""
    for part in parts_of(mail):
        if part.content_type in ORIGINAL_TYPES and part is not mail:
            content = part.content().lstrip()
            header, _ = read_header(content, 0, len(content))
            if found := message_id(header.first("message-id")):
                return found
    named = MESSAGE_ID_LINE.search(body)
    if named:
        return message_id(named[1])
    return message_id(mail.header.first("x-failed-message-id") or mail.header.first("in-reply-to"))
