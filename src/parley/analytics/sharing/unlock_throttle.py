"""The limits on guessing the password of a link. They are always on, and none keeps the right password out for long.

Each link has a volume of tries a minute, right or wrong, which is counted before anything is hashed, and a smaller budget
of wrong ones, which is charged only for a wrong one. When others have used up the volume, each network still has some
tries of its own, and more where the right password has come from there before. Those who are known and those who aren't
have a reserve each, so that strangers can't use up what is for the others.
"""

from parley.kernel.errors import Throttled
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import DAY_S, MINUTE_S, Limit, counted_for

VOLUME = Limit("share-unlock", 60, MINUTE_S)
WRONG = Limit("share-unlock-wrong", 10, MINUTE_S)
OWN = Limit("share-unlock-own", 2**53, MINUTE_S)
"""Counts the tries of a network at a link, and refuses none."""
KNOWN = Limit("share-unlock-known", 2**53, 30 * DAY_S)
"""Counts the right passwords from a network at a link, and refuses none."""
FIRST = Limit("share-unlock-first", 3, MINUTE_S)
AGAIN = Limit("share-unlock-again", 30, MINUTE_S)
"""Of a network in a minute, when others have used up the volume: of one that isn't known, and of one that is."""
RESERVE = Limit("share-unlock-reserve", 240, MINUTE_S)
RESERVE_OF_KNOWN = Limit("share-unlock-reserve-of-known", 600, MINUTE_S)
"""Tries beyond the volume, of all networks together: what one link can cost is bounded."""
WAIT_S = 60


class UnlockThrottle:
    """The limits for one address at one link."""

    def __init__(self, services: Services, token: str, address: str) -> None:
        self._throttles = services.throttles
        self._token = token
        self._address = address
        self._pair = f"{token}\n{network_of(address)}"

    async def count_try(self) -> None:
        """Count a try before it is made; raises Throttled."""
        [own] = await self._throttles.hit((OWN, self._pair))
        try:
            await self._throttles.hit((VOLUME, self._token))
        except Throttled:
            if await self._throttles.is_counted(KNOWN, self._pair):
                await self._throttles.hit(*self._counted(AGAIN), (RESERVE_OF_KNOWN, self._token))
                return
            if own.n > FIRST.most:
                raise
            await self._throttles.hit(*self._counted(FIRST), (RESERVE, self._token))

    def _counted(self, limit: Limit) -> list[tuple[Limit, str]]:
        return [(one, f"{self._token}\n{key}") for one, key in counted_for(self._address, limit)]

    async def count_wrong(self) -> None:
        """Charge for a wrong password; raises Throttled when the budget is used up."""
        try:
            await self._throttles.hit((WRONG, self._token))
        except Throttled as error:
            raise Throttled(WAIT_S) from error

    async def passed(self) -> None:
        """Remember that the right password came from this network."""
        await self._throttles.hit((KNOWN, self._pair))
