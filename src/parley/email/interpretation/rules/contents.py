"""What a message shows of a mail: how much of it, who may be added by it, and what its context keeps."""

from collections.abc import Collection, Mapping
from typing import Any

from parley.conversations.participants.rules import WantedParticipant
from parley.conversations.tickets.rules.comments import PARTICIPANT_KEY, PARTICIPANT_NAME_KEY, WHOLE_EMAIL_KEY
from parley.email.channels.rules import token_of_recipient
from parley.email.parsing.schemas import MailAddress, ParsedMail
from parley.kernel.errors import Invalid
from parley.kernel.network.emails import check_email

MAX_BODY = 50_000
MAX_WHOLE = 20_000
"""Of the whole text of an answer, which is kept beside what is new in it; the raw mail has all of it."""
MAX_RECIPIENTS = 100
MAX_FILES, MAX_FILE_BYTES = 20, 10 * 1024 * 1024
MAX_NAME, MAX_SUBJECT = 500, 500
NO_TEXT = "(This mail has no text.)"
CUT = "\n\n[The mail goes on: {left} more characters. The whole of it is kept with the raw mail.]"
FILES_LEFT_OUT = (
    "\n\n[{n} files of the mail are too many or too large to be shown here. They are kept with the raw mail.]"
)


def address_or_none(text: str | None) -> str | None:
    """Return the normal form of an address, or None for what is none."""
    try:
        return check_email(text) if text else None
    except Invalid:
        return None


def message_text(text: str, n_files_left_out: int = 0) -> str:
    """Return the text of a message, cut to MAX_BODY with a sentence that says so."""
    shown = text.strip() or NO_TEXT
    note = FILES_LEFT_OUT.format(n=n_files_left_out) if n_files_left_out else ""
    if len(shown) > MAX_BODY:
        note = CUT.format(left=len(shown) - MAX_BODY) + note
    return shown[:MAX_BODY] + note


def recipients_to_add(mail: ParsedMail, own: Collection[str], sender: str | None) -> list[WantedParticipant]:
    """Return those in To and Cc who are neither a channel of the project nor the sender, at most MAX_RECIPIENTS."""
    found: dict[str, WantedParticipant] = {}
    for one in (*mail.to, *mail.cc)[:MAX_RECIPIENTS]:
        email = address_or_none(one.address)
        if email and email not in own and email != sender and token_of_recipient(email) is None:
            found.setdefault(email, WantedParticipant(email=email, name=one.name[:MAX_NAME] or None))
    return list(found.values())


def mail_context(mail: ParsedMail, row_id: str, *, is_authenticated: bool) -> dict[str, Any]:
    """Return what the context of a message says of its mail. Quoted text and signature are in the whole text only."""
    kept: Mapping[str, Any] = {
        "email_message_id": mail.message_id,
        "email_from_name": mail.from_name[:MAX_NAME] or None,
        WHOLE_EMAIL_KEY: mail.body[:MAX_WHOLE] if mail.body.strip() != mail.text.strip() else None,
        "email_cc": [_shown(one) for one in mail.cc[:MAX_RECIPIENTS]] or None,
    }
    found = {name: value for name, value in kept.items() if value}
    return {**found, "email_inbound_id": row_id, "email_is_authenticated": is_authenticated}


def stranger_context(email: str | None) -> dict[str, Any]:
    """Return the authorship of somebody who is neither the requester nor a participant: customers see the address."""
    return {PARTICIPANT_KEY: "", PARTICIPANT_NAME_KEY: email or "Somebody"}


def _shown(one: MailAddress) -> str:
    return f"{one.name} <{one.address}>"[:MAX_NAME] if one.name else one.address[:MAX_NAME]
