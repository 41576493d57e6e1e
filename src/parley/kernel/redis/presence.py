"""Who is at what at this moment, such as on which page, and what they do there.

Each process keeps all of it in its memory, tells the others by live notices what it hears, and forgets it soon: nothing is
stored. A process that has just started knows everybody once they have said again where they are.
"""

import time
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from parley.kernel.redis.live import Live, Notice

TOPIC = "presence"
LASTS_S = 45.0
"""How long somebody is somewhere without saying so again."""
WRITING_LASTS_S = 10.0
MOST_PLACES, MOST_AT_ONE = 10_000, 50

Doing = Literal["looking", "writing", "gone"]


class _Seen(NamedTuple):
    """Until when somebody is there, and writes there; seconds of a clock that only goes forward."""

    until: float
    writes_until: float


class Presence:
    """What this process knows; one per process."""

    def __init__(self, live: Live, now: Callable[[], float] = time.monotonic) -> None:
        self._live = live
        self._now = now
        self._places: dict[str, dict[int, _Seen]] = {}
        live.on(TOPIC, self._hear)

    async def tell(self, place: str, user_id: int, doing: Doing) -> bool:
        """Say in all processes what a user does at a place; return whether that is something new."""
        before = self.at(place).get(user_id)
        await self._live.publish(TOPIC, "told", place=place, user_id=user_id, doing=doing)
        return self.at(place).get(user_id) != before

    def at(self, place: str) -> Mapping[int, Doing]:
        """Return who is at a place and what they do."""
        now = self._now()
        there = {id: seen for id, seen in self._places.get(place, {}).items() if seen.until > now}
        return {id: "writing" if seen.writes_until > now else "looking" for id, seen in there.items()}

    def _hear(self, notice: Notice) -> None:
        if notice.name != "told":
            return  # notices were lost: who is still there says so again
        place, user_id, doing = notice.data["place"], notice.data["user_id"], notice.data["doing"]
        now = self._now()
        # Who was heard last stands last, so that the first ones are those to forget.
        there = {id: seen for id, seen in self._places.pop(place, {}).items() if seen.until > now}
        there.pop(user_id, None)
        if doing != "gone":
            there[user_id] = _Seen(now + LASTS_S, now + WRITING_LASTS_S if doing == "writing" else 0.0)
        if there:
            self._places[place] = dict(list(there.items())[-MOST_AT_ONE:])
        self._forget(now)

    def _forget(self, now: float) -> None:
        """Forget places where nobody is any more, and if there are too many those of which was heard longest ago."""
        while self._places:
            oldest = next(iter(self._places))
            is_empty = all(seen.until <= now for seen in self._places[oldest].values())
            if not is_empty and len(self._places) <= MOST_PLACES:
                return
            del self._places[oldest]
