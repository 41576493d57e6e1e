"""What becomes of an answer as text messages, when it is tried again, and when the brake holds it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["waiting", "sending", "held", "sent", "delivered", "failed", "cancelled"]
"""`sending` has been begun, and it is not known yet whether Twilio has taken it."""
Reason = Literal[
    "number_limit", "project_limit", "behind_held", "opted_out", "no_channel", "no_number", "too_long", "refused",
    "given_up", "not_known", "undelivered", "deleted", "by_team", "erased",
]  # fmt: skip
DeliveryStatus = Literal["sending", "sent", "delivered", "failed"]
"""`sms_delivery_status` in the context of a message."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=60), timedelta(minutes=30)
GIVEN_UP_AFTER = timedelta(hours=24)
WINDOW, SKEW = timedelta(hours=1), timedelta(seconds=5)
DEFAULTS: Mapping[str, int] = {"sms_limit_per_number": 20, "sms_limit_per_project": 500}
"""The settings of a project, and what holds without them: messages in one hour."""
OPTED_OUT = 21610
BUSY = frozenset((20429, 14107, 30001, 30022))
"""Codes of Twilio that ask for another try: too many requests, or a full queue."""

SENTENCES: Mapping[str, str] = {
    "number_limit": "Held: many messages to this number in an hour. An admin can let it go.",
    "project_limit": "Held: many messages of this project in an hour. An admin can let it go.",
    "behind_held": "Held behind an earlier message to this number.",
    "opted_out": "This number has opted out of text messages (STOP). It gets none until it sends START.",
    "no_channel": "The number that the customer wrote to is not connected any more.",
    "no_number": "The sender has no number that can be answered.",
    "too_long": "The text is too long for text messages: at most 15,000 characters.",
    "given_up": "It was tried for a day.",
    "not_known": "Twilio did not say whether it took the message, so that it was not sent again.",
    "deleted": "",
    "by_team": "Your team gave it up.",
    "erased": "The customer's data was erased.",
}
CODES: Mapping[int, str] = {
    20003: "Twilio rejects the account's keys. An admin has to connect it again.",
    21211: "This is not a valid phone number.",
    21214: "This number can't be reached by text message.",
    21266: "The customer's number is the same as yours.",
    21408: "Your Twilio account may not send to this country. Allow it in the console of Twilio (Geo permissions).",
    21606: "Your number can't send text messages to this one.",
    21608: "A trial account of Twilio sends only to numbers that it has verified.",
    OPTED_OUT: SENTENCES["opted_out"],
    21612: "Twilio can't reach this number from yours.",
    21614: "This is not a mobile number.",
    21659: "Your number doesn't belong to the Twilio account any more.",
    30003: "The phone is switched off or out of reach.",
    30004: "The customer or their provider blocks your messages.",
    30005: "This number is not in use.",
    30006: "This is a landline, or a number that takes no text messages.",
    30007: "The customer's provider has filtered the message out as spam.",
    30008: "The message was lost on its way, for an unknown reason.",
    30032: "Your toll-free number is not verified at Twilio yet.",
    30034: "Your number is not registered for messages to the United States (A2P 10DLC).",
}
_ORDER: Sequence[State] = ("waiting", "held", "sending", "sent", "delivered")


def sentence_of(code: int, said: str = "") -> str:
    """Say why Twilio did not deliver a message; `said` is its own text, for codes that are not known here."""
    if code in CODES:
        return CODES[code]
    words = " ".join(said.split())[:300].rstrip(".")
    return f"Twilio says: {words} ({code})." if words else f"Twilio names the error {code}."


def delivery_status(states: Sequence[State]) -> DeliveryStatus | None:
    """Return what is said of an answer whose parts have these states; None where nothing of it is to go out."""
    found = {state for state in states if state != "cancelled"}
    if not found:
        return None
    if "failed" in found:
        return "failed"
    if found & {"waiting", "held", "sending"}:
        return "sending"
    return "sent" if "sent" in found else "delivered"


def state_of_callback(status: str) -> State | None:
    """Return the state that Twilio reports as this `MessageStatus`; None for one that says nothing new."""
    known: Mapping[str, State] = {
        "sent": "sent", "delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed",
        "queued": "sent", "accepted": "sent", "sending": "sent", "canceled": "failed",
    }  # fmt: skip
    return known.get(status.lower())


def is_news(before: State, after: State) -> bool:
    """Say whether a report changes a state: they come in any order, and the state that is later in life wins.

    What was given up, or reported as failed, may have arrived all the same; what has arrived stays so.
    """
    if before in ("delivered", "cancelled"):
        return False
    if before == "failed":
        return after == "delivered"
    return after == "failed" or _ORDER.index(after) > _ORDER.index(before)


def next_attempt(n_failures: int, now: datetime, created_at: datetime) -> datetime | None:
    """Return when a message is tried again: after a minute, two, four ..., and for a day. None gives it up."""
    if now - created_at >= GIVEN_UP_AFTER:
        return None
    return now + min(FIRST_PAUSE * (1 << min(max(n_failures - 1, 0), 10)), LONGEST_PAUSE)


def limit_of(settings: Mapping[str, Any], name: str) -> int:
    """Return a limit from the settings of a project."""
    given = settings.get(name)
    return given if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else DEFAULTS[name]


def held_for(
    settings: Mapping[str, Any], *, to_number: int, of_project: int, held: frozenset[str], n_new: int
) -> Reason | None:
    """Say why `n_new` more messages are held; None lets them out.

    `held` are the reasons why others of the same number wait, with `project_limit` where the whole project was stopped.
    """
    if "project_limit" in held or of_project + n_new > limit_of(settings, "sms_limit_per_project"):
        return "project_limit"
    if to_number + n_new > limit_of(settings, "sms_limit_per_number"):
        return "number_limit"
    return "behind_held" if held else None
