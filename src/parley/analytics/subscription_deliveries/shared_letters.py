"""Letters that are used again for a minute: many people subscribe to the same dashboard for Monday at nine.

What a letter says doesn't depend on whose subscription it is. Each process keeps its own, 16 MiB of them at most.
"""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import msgspec

from parley.analytics.reports.schemas import Report
from parley.analytics.subscription_deliveries.letters import letter_of
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.services import Services

FRESH_FOR = timedelta(minutes=1)
MOST_BYTES = 16 * 1024 * 1024


class KeptLetter(msgspec.Struct, frozen=True):
    """A letter, when it was made, and its size."""

    made_at: datetime
    letter: Report
    size: int


class KeptLetters:
    """The letters of one process, those that were made last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, KeptLetter] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable, now: datetime) -> Report | None:
        """Return a letter that is fresh, whatever the clock does."""
        kept = self._kept.get(key)
        return kept.letter if kept and timedelta(0) <= now - kept.made_at < FRESH_FOR else None

    def put(self, key: Hashable, letter: Report, now: datetime) -> None:
        """Keep a letter, and drop the oldest ones for which there is no room."""
        made = KeptLetter(now, letter, len(msgspec.msgpack.encode(letter)))
        before = self._kept.pop(key, None)
        self._kept[key] = made
        self._size += made.size - (before.size if before else 0)
        while self._size > MOST_BYTES:
            self._size -= self._kept.popitem(last=False)[1].size


_KEPT: WeakKeyDictionary[Services, KeptLetters] = WeakKeyDictionary()


async def shared_letter(services: Services, found: StoredSubscription, delivery: OpenDelivery) -> Report:
    """Return the letter of a delivery, or an equal one of the last minute; raises what making it raises."""
    kept, key = _KEPT.setdefault(services, KeptLetters()), _key(found, delivery)
    letter = kept.get(key, services.clock.now())
    if letter is None:
        letter = await services.flights.join(key, lambda: letter_of(services, found, delivery))
        kept.put(key, letter, services.clock.now())
    return letter


def drop_shared_letters(services: Services) -> None:
    """Use none of them again in this process; another one may do so for a minute."""
    _KEPT.pop(services, None)


def _key(found: StoredSubscription, delivery: OpenDelivery) -> Hashable:
    """Return all that a letter depends on."""
    chosen = found.dashboard_export_insights
    return (
        "subscription_letter",
        found.project_id,
        found.insight_id,
        found.dashboard_id,
        None if chosen is None else tuple(chosen),
        found.dashboard_export_all,
        found.title,
        tuple(found.attachments),
        delivery.target_type,
    )
