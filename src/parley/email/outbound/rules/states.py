"""What becomes of a mail, of its recipients, and of the messages in it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from parley.kernel.network.smtp import Answer

EmailState = Literal["waiting", "held", "sent", "failed", "cancelled"]
RecipientKind = Literal["to", "cc"]
RecipientState = Literal["waiting", "accepted", "failed", "bounced"]
DeliveryStatus = Literal["sending", "sent", "failed"]
"""`email_delivery_status` in the context of a message."""

KEPT = "Kept here: test address."
"""What stands in the place of a mail server's answer where a mail is from a test address, and so is not sent."""
UNREAD_AFTER, UNREAD_AT_LATEST = timedelta(minutes=2), timedelta(minutes=10)
"""How long the widget has to show an answer, and how long a burst of answers may put off its mail."""
BAD_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4")
"""Codes of RFC 3463 that speak of the address, and not of us, of the mail or of a full mailbox."""


def due_time(burst_began_at: datetime, latest_at: datetime) -> datetime:
    """Return when the mail of a burst is due: when its latest answer has been unread for two minutes."""
    return min(latest_at + UNREAD_AFTER, burst_began_at + UNREAD_AT_LATEST)


def state_after(answer: Answer) -> RecipientState:
    """Return the state of a recipient of whom the mail server has said this."""
    if answer.is_accepted:
        return "accepted"
    return "failed" if answer.is_final else "waiting"


def email_state(recipients: Iterable[tuple[RecipientKind, RecipientState]]) -> EmailState:
    """Return the state of a mail: open while it is open for anybody, and then what became of it for its addressee."""
    found = list(recipients)
    if any(state == "waiting" for _, state in found):
        return "waiting"
    return "sent" if all(state == "accepted" for kind, state in found if kind == "to") else "failed"


def delivery_status(emails: Sequence[EmailState]) -> DeliveryStatus | None:
    """Return what is said of a message that is in these mails; None where none of them is to go out."""
    states = {state for state in emails if state != "cancelled"}
    if not states:
        return None
    if states & {"waiting", "held"}:
        return "sending"
    return "failed" if "failed" in states else "sent"


def is_bad_address(answer: Answer) -> bool:
    """Say whether a refusal means that the address itself is of no use."""
    return answer.code >= 500 and answer.text.startswith(tuple(f"{code} " for code in BAD_ADDRESS))
