"""What became of a mail, in a sentence for the team."""

import msgspec

from parley.email.outbound.rules.states import KEPT
from parley.email.outbound.schemas import OutboundEmailOut, OutboundRecipientOut
from parley.kernel.network.smtp import WRITTEN


class DeliveryView(msgspec.Struct, frozen=True):
    """What became of a mail or text message, in a sentence; `kind` is waiting, sent or failed. `link` leads to the mail."""

    kind: str
    text: str
    link: str = ""


def delivery_view(email: OutboundEmailOut) -> DeliveryView | None:
    """Say what became of a mail; None for one that wasn't needed, since the widget has shown its answers."""
    to = email.recipients[0]
    if email.state == "cancelled":
        return (
            DeliveryView("failed", "Not mailed: your team gave it up.") if email.reason == "by_team" else None
        )
    if email.state == "held":
        return DeliveryView("waiting", f"Held before it is mailed to {to.address}: too much mail in an hour.")
    if email.state == "waiting":
        return DeliveryView("waiting", _waiting(email, to))
    if email.state == "failed":
        words = to.bounce if to.state == "bounced" else to.answer or email.last_error
        verb = "Came back from" if to.state == "bounced" else "Could not be mailed to"
        return DeliveryView("failed", f"{verb} {to.address}: {words or 'nothing was said'}")
    others = [one for one in email.recipients[1:] if one.state in ("failed", "bounced")]
    but = "".join(f" Not to {one.address}: {one.bounce or one.answer}" for one in others)
    copies = len(email.recipients) - 1 - len(others)
    also = f" and {copies} other{'s' * (copies > 1)}" if copies else ""
    if (to.answer or "").endswith(KEPT):
        said = f"{KEPT} Nothing was mailed to {to.address}."
        return DeliveryView("waiting", said, f"/inbox/{email.ticket_number}/test-mail")
    if (to.answer or "").endswith(WRITTEN):
        return DeliveryView("waiting", f"Not mailed to {to.address}: kept as a file; no mail server is set.")
    return DeliveryView("failed" if others else "sent", f"Mailed to {to.address}{also}.{but}")


def _waiting(email: OutboundEmailOut, to: OutboundRecipientOut) -> str:
    if email.attempts and email.last_error:
        return f"Not mailed to {to.address} yet, it is tried again. {email.last_error}"
    if email.kind == "unread":
        return f"Is mailed to {to.address} unless they see it in the widget first."
    return f"Is being mailed to {to.address}."
