"""Which organizations a grant reaches by now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID


def covered_by_grant(
    covered: Sequence[str], granted_at: datetime, joined: Mapping[UUID, datetime]
) -> frozenset[UUID]:
    """Return those of the covered organizations that the user has been in ever since; `joined` has when they joined.

    Who leaves an organization takes every program out of it for good, and connects them anew after coming back.
    """
    still = {one for one, joined_at in joined.items() if joined_at <= granted_at}
    return frozenset(map(UUID, covered)) & still
