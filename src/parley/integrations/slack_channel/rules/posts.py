"""What goes to Slack says, and what is said of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from parley.integrations.slack.escaping import escaped
from parley.kernel.network.mail import one_line

DeliveryStatus = Literal["sending", "sent", "failed"]
MAX_POST = 39_000
"""Slack takes 40,000 characters."""
MAX_USERNAME = 80
METADATA = "parley_message"
"""The type of the metadata by which a message is found again that was posted just before a crash."""


def delivery_status(states: Iterable[str]) -> DeliveryStatus | None:
    """Return what is said of an answer whose posts have these states; None where none of them is to go out."""
    found = {state for state in states if state != "cancelled"}
    if not found:
        return None
    if "waiting" in found:
        return "sending"
    return "failed" if "failed" in found else "sent"


def confirmation(number: int) -> str:
    """Return what is said in the thread of a new ticket."""
    return f"Thank you, this is ticket #{number}. Answers come in this thread."


def notice(kind: str, number: int, url: str, customer: str, channel: str, about: Mapping[str, Any]) -> str:
    """Return what the team is told in its channel. Names are data: nothing in them is read as markup."""
    link, name = f"<{url}|#{number}>", escaped(one_line(customer, 200))
    if kind == "new_conversation":
        return f"New conversation {link} from {name} ({channel})"
    whom = about.get("assignee")
    return f"Conversation {link} of {name} is assigned to {escaped(one_line(str(whom or 'somebody'), 200))}"


def customer_of(traits: Mapping[str, Any]) -> str:
    """Return what a customer is called in a notice."""
    found = (traits.get("name"), traits.get("email"))
    return next((one.strip() for one in found if isinstance(one, str) and one.strip()), "a customer")


def metadata_of(post_id: str) -> dict[str, Any]:
    """Return the metadata of a post (https://docs.slack.dev/messaging/message-metadata)."""
    return {"event_type": METADATA, "event_payload": {"post_id": post_id}}
