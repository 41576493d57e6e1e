"""Which messages belong to a merged ticket that becomes separate again."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from parley.conversations.tickets.rules import CUSTOMER


class PublicMessage(msgspec.Struct, frozen=True):
    """A public message of a survivor.

    `via_id` is the merged ticket that it was addressed to, `home_id` the one that it was written on. Both are None for what
    was written to the survivor itself.
    """

    id: UUID
    created_at: datetime
    author_type: str
    via_id: UUID | None
    home_id: UUID | None


class Belonging(msgspec.Struct, frozen=True):
    """What came through a merged ticket since the merge: how many messages of each side, and the answers to it."""

    customer_count: int
    team_count: int
    answer_ids: list[UUID]


def belonging_to(messages: Iterable[PublicMessage], ids: Collection[UUID], at: datetime) -> Belonging:
    """Return what belongs to the tickets `ids`, which were merged at a time; messages come in the order of time.

    An answer to everybody belongs to them if only they could have been meant: since the team's answer before it, only
    they have asked.
    """
    asked: dict[
        bool, datetime
    ] = {}  # whether it was one of these tickets that asked, and when it did so last
    is_answered = False
    customer_count, team_count, answers = 0, 0, []
    for one in messages:
        is_theirs = one.via_id in ids or one.home_id in ids
        is_since = is_theirs and one.created_at > at
        if one.author_type == CUSTOMER:
            asked = {} if is_answered else asked
            asked[is_theirs] = one.created_at
            is_answered = False
            customer_count += is_since
        elif is_theirs:
            asked.pop(True, None)
            team_count += is_since
        elif one.via_id is None and one.home_id is None:
            if list(asked) == [True] and asked[True] > at:
                answers.append(one.id)
            is_answered = True
    return Belonging(customer_count, team_count, answers)
