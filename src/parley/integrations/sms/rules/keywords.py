"""Words by which people stop messages and begin them again (CTIA's guidelines; the defaults of Twilio)."""

from typing import Literal

Keyword = Literal["stop", "start"]

STOP = frozenset(
    ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt-out", "stop all")
)
START = frozenset(("start", "unstop", "yes"))
TYPES: dict[str, Keyword] = {"STOP": "stop", "START": "start"}
"""`OptOutType`, which Twilio adds where the account has Advanced Opt-Out; its words are those that it has set."""


def keyword_of(body: str, opt_out_type: str, *, is_opted_out: bool) -> Keyword | None:
    """Return what a message asks for; None where it is a message like others, as HELP is.

    A word counts alone. `yes` and its like are ordinary words of who gets messages.
    """
    if opt_out_type:
        found = TYPES.get(opt_out_type.upper())
        return None if found == "start" and not is_opted_out else found
    word = body.strip().strip(".!\"'").casefold()
    if word in STOP:
        return "stop"
    return "start" if word in START and is_opted_out else None
