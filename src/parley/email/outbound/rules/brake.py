"""The brake: how much mail may go out in an hour before somebody of the team has a look."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

import msgspec

HeldReason = Literal["recipient_limit", "ticket_limit", "project_limit", "behind_held"]

WINDOW = timedelta(hours=1)
SKEW = timedelta(seconds=5)
"""By how much the clocks of several processes may differ."""
DEFAULTS: Mapping[str, int] = {
    "email_limit_per_recipient": 20,
    "email_limit_per_ticket": 30,
    "email_limit_per_project": 2000,
}
"""The settings of a project, and what holds without them: mails in one hour."""


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """How many mails an hour has seen: to the busiest of a mail's recipients, about its ticket, of its project.

    Mails that are held, or were cancelled, don't count. `is_ticket_held` says that mails about the ticket wait, and
    `is_project_held` that the limit of the project was reached and nobody has resumed since.
    """

    to_recipient: int
    of_ticket: int
    of_project: int
    is_ticket_held: bool = False
    is_project_held: bool = False


def limit_of(settings: Mapping[str, Any], name: str) -> int:
    """Return a limit from the settings of a project."""
    given = settings.get(name)
    return given if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else DEFAULTS[name]


def held_for(traffic: Traffic, settings: Mapping[str, Any]) -> HeldReason | None:
    """Say why one more mail is held; None lets it out.

    Mails of a ticket keep their order, and a project that was stopped stays so until somebody resumes.
    """
    if traffic.is_project_held or traffic.of_project >= limit_of(settings, "email_limit_per_project"):
        return "project_limit"
    if traffic.of_ticket >= limit_of(settings, "email_limit_per_ticket"):
        return "ticket_limit"
    if traffic.to_recipient >= limit_of(settings, "email_limit_per_recipient"):
        return "recipient_limit"
    return "behind_held" if traffic.is_ticket_held else None
