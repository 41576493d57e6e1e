"""Rules of fetching: what is new in a folder, and how long to wait after failures."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=15)
TURN_S = 270.0
"""How long a connection is kept. Servers may end a silent one after half an hour (RFC 2177)."""
POLL_S = 60.0
"""How often it is looked for new mail where the server doesn't tell by itself."""
NEXT_TURN = timedelta(seconds=1)
VERIFY_S = 5.0
"""How long the signatures of a mail may take: the mails of a mailbox wait for each other, and strangers write them."""
LOST_AFTER = timedelta(minutes=30)
"""How long nobody takes care of a mailbox until somebody is asked to: longer than any pause and any turn."""


class Place(msgspec.Struct, frozen=True):
    """How far a folder was read. `backfill_uid` is the last one of those that lay there before."""

    uid_validity: int
    last_uid: int
    backfill_uid: int


def first_place(uid_validity: int, next_uid: int, *, is_importing: bool) -> Place:
    """Return where to begin at the first connection: behind everything, unless what lies there is wanted."""
    before = max(next_uid - 1, 0)
    return Place(uid_validity, 0 if is_importing else before, before)


def new_uids(place: Place, found: Iterable[int]) -> list[int]:
    """Return what is to be fetched, in order. Servers name the last mail of a folder, too, when nothing is new."""
    return sorted(uid for uid in set(found) if uid > place.last_uid)


def pause_after(failure_count: int) -> timedelta:
    """Return how long to wait after so many failures in a row."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failure_count, 10)
    return min(doubled, LONGEST_PAUSE)
