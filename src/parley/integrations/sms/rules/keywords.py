"""Words by which people stop messages and begin them again (CTIA's guidelines; the defaults of Twilio)."""

from typing import Literal

from parley.kernel.text.forms import folded

Keyword = Literal["stop", "start"]

STOP = frozenset(
    (
        "stop",
        "stopall",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "optout",
        "opt-out",
        "opt out",
        "stop all",
    )
)
AROUND = " .!\"'“”„‟‘’‚‛«»‹›"
"""What people, and phones by themselves, write around a word."""
START = frozenset(("start", "unstop", "yes"))
TYPES: dict[str, Keyword] = {"STOP": "stop", "START": "start"}
"""`OptOutType`, which Twilio adds where the account has Advanced Opt-Out; its words are those that it has set."""


def keyword_of(body: str, opt_out_type: str, *, is_opted_out: bool, is_stopped_here: bool) -> Keyword | None:
    """Return what a message asks for; None where it is a message like others, as HELP is.

    A word counts alone. `start` and its like are ordinary words of who gets messages, and `yes` also of who has said
    STOP to another number: here it may be the answer to a question.
    """
    if opt_out_type:
        found = TYPES.get(opt_out_type.upper())
        return None if found == "start" and not is_opted_out else found
    word = folded(body).strip(AROUND)
    if word in STOP:
        return "stop"
    if word == "yes" and not is_stopped_here:
        return None
    return "start" if word in START and is_opted_out else None


def may_start(body: str, opt_out_type: str) -> bool:
    """Say whether a message begins messages again, if it comes from somebody who has stopped them."""
    return keyword_of(body, opt_out_type, is_opted_out=True, is_stopped_here=True) == "start"
