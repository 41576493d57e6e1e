"""Which messages go back to a source that becomes separate again, and which answers its customer still sees."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from parley.conversations.tickets.rules.comments import CUSTOMER


class PublicMessage(msgspec.Struct, frozen=True):
    """A public message of a target.

    `via_ticket_id` is the source that it was addressed to, `home_ticket_id` the one that it was written on. Both are None
    for what was written to the target itself.
    """

    id: UUID
    created_at: datetime
    author_type: str
    via_ticket_id: UUID | None
    home_ticket_id: UUID | None


class MessagesSinceMerge(msgspec.Struct, frozen=True):
    """What came through a source since the merge: how many messages of customers and of the team, and the answers to it."""

    customer_count: int
    team_count: int
    answer_ids: list[UUID]


def messages_since_merge(
    messages: Iterable[PublicMessage], source_ids: Collection[UUID], merged_at: datetime
) -> MessagesSinceMerge:
    """Return what belongs to the sources, which were merged at a time; messages come in the order of time.

    An answer to everybody belongs to them if only they could have been meant: since the team's answer before it, only
    they have asked.
    """
    # Whether it was one of the sources that asked, and when it did so last.
    asked: dict[bool, datetime] = {}
    is_answered = False
    customer_count, team_count, answers = 0, 0, []
    for message in messages:
        is_of_source = message.via_ticket_id in source_ids or message.home_ticket_id in source_ids
        is_since = is_of_source and message.created_at > merged_at
        if message.author_type == CUSTOMER:
            asked = {} if is_answered else asked
            asked[is_of_source] = message.created_at
            is_answered = False
            customer_count += is_since
        elif is_of_source:
            asked.pop(True, None)
            team_count += is_since
        elif message.via_ticket_id is None and message.home_ticket_id is None:
            if list(asked) == [True] and asked[True] > merged_at:
                answers.append(message.id)
            is_answered = True
    return MessagesSinceMerge(customer_count, team_count, answers)
