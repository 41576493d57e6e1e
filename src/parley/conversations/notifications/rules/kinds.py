"""What people are mailed about."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.users.schemas import NotificationSettings
from parley.kernel.clock import is_ahead

# Stored, and the names of the settings with which people turn them off.
NEW_CONVERSATIONS, ASSIGNMENTS, MENTIONS = "new_conversations", "assignments", "mentions"
ANSWERS = "answers"
MOST_URGENT_FIRST = (MENTIONS, ANSWERS, ASSIGNMENTS, NEW_CONVERSATIONS)
TIME_TO_LOOK = timedelta(minutes=3)
"""How long a customer's answer waits before it is mailed: who looks at it meanwhile gets no mail."""
PAUSE = timedelta(minutes=15)
LATE = timedelta(minutes=15)
"""After this time a mail that was planned isn't waited for any longer."""
MAX_SHOWN = 20
"""What one mail tells of; the rest is counted."""


class MemberNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell somebody of: the ticket, and for a mention or an answer the message.

    `actor_id` is who did it, if a member did.
    """

    kind: str
    ticket_id: UUID
    comment_id: UUID | None = None
    actor_id: int | None = None
    role_id: UUID | None = None

    @property
    def subject_id(self) -> UUID:
        """What a person is told of once in a mail."""
        return self.comment_id or self.ticket_id


class NoticesOfMail(msgspec.Struct, frozen=True):
    """What one mail to a user is about: at most `MAX_SHOWN` notices, and how many there were of each kind."""

    user_id: int
    notices: Sequence[MemberNotice]
    counts: Mapping[str, int]


def notices_of_mail(user_id: int, noted: Sequence[MemberNotice]) -> NoticesOfMail:
    """Return what a mail about all of these is about; they are in the order of time."""
    counts: dict[str, int] = {}
    for one in noted:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    by_urgency = sorted(noted, key=lambda one: MOST_URGENT_FIRST.index(one.kind))
    return NoticesOfMail(user_id, by_urgency[:MAX_SHOWN], counts)


def is_wanted(kind: str, settings: Any) -> bool:
    """Say whether somebody with these stored settings wants to be mailed about a kind of thing."""
    return bool(getattr(msgspec.convert(settings or {}, NotificationSettings), kind))


def due_at(mailed_at: datetime | None, now: datetime) -> datetime:
    """Return when somebody may get the next mail."""
    until = mailed_at and mailed_at + PAUSE
    return until if until is not None and is_ahead(until, now, PAUSE) else now


def due_at_for(kind: str, mailed_at: datetime | None, now: datetime) -> datetime:
    """Return when somebody may be mailed about something of a kind that has just happened."""
    due = due_at(mailed_at, now)
    return max(due, now + TIME_TO_LOOK) if kind == ANSWERS else due


def is_planned(planned_for: datetime | None, due: datetime, now: datetime) -> bool:
    """Say whether a mail is on its way by the time that one is due. What is much too late was lost."""
    return planned_for is not None and now - LATE <= planned_for <= due
