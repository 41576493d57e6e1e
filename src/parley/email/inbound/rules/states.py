"""What becomes of a mail, and why: the states and reasons that the ledger shows."""

from typing import Literal, get_args

State = Literal["received", "stored", "merged", "ignored", "rejected", "failed"]
"""received: kept, not interpreted yet. stored: it opened a ticket. merged: it is a message of a ticket that was there.
ignored: it is no word of a customer. rejected: it may not come in now. failed: it could not be interpreted."""
STATES: tuple[State, ...] = get_args(State)

Reason = Literal[
    "bounce",
    "repeat",
    "own_mail",
    "too_many",
    "auto_reply",
    "deleted_thread",
    "disabled",
    "channel_gone",
    "unproven_sender",
    "unknown_sender",
    "raw_gone",
    "not_read",
    "error",
    "erased",
]

WANTED_BY_HAND: frozenset[State] = frozenset(("stored", "merged", "ignored"))
"""What was decided about such a mail says nothing new, so whoever replays it wants a message."""

SENTENCES: dict[Reason, str] = {
    "bounce": "A mail server says that a mail of yours did not arrive.",
    "repeat": "The same mail has come in already.",
    "own_mail": "This mail was sent by Parley itself, or from one of your own channels.",
    "too_many": "This sender wrote more mails within an hour than a person does.",
    "auto_reply": "An automatic answer, such as a notice of absence.",
    "deleted_thread": "It answers a ticket that was deleted.",
    "disabled": "E-mail or conversations are switched off in this project.",
    "channel_gone": "The e-mail channel is not connected any more.",
    "unproven_sender": "It names ticket #{number}, but nothing proves who sent it, so it became a ticket of its own.",
    "unknown_sender": "It names ticket #{number}, but its sender takes no part in that, so it became a ticket of its own.",
    "raw_gone": "The raw mail is deleted.",
    "not_read": "The mail could not be read.",
    "error": "Something went wrong.",
    "erased": "The personal data in it was erased.",
}
