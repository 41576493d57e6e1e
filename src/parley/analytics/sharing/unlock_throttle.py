"""The limits on guessing the password of a link. They are always on, and none keeps the right password out for long.

Each link has a volume of tries a minute, right or wrong, which is counted before anything is hashed, and a smaller budget
of wrong ones, which is charged only for a wrong one. When others have used up the volume, each address still has some
tries of its own, and more where the right password has come from there before.
"""

from parley.kernel.errors import Throttled
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import DAY_S, MINUTE_S, Limit

VOLUME = Limit("share-unlock", 60, MINUTE_S)
WRONG = Limit("share-unlock-wrong", 10, MINUTE_S)
OWN = Limit("share-unlock-own", 2**53, MINUTE_S)
"""Counts the tries of an address at a link, and refuses none."""
KNOWN = Limit("share-unlock-known", 2**53, 30 * DAY_S)
"""Counts the right passwords from an address at a link, and refuses none."""
FIRST_TRIES, TRIES_OF_KNOWN = 3, 30
"""Of an address in a minute, when others have used up the volume."""
RESERVE = Limit("share-unlock-reserve", 240, MINUTE_S)
"""Tries beyond the volume, of all addresses together: what one link can cost is bounded."""
WAIT_S = 60


class UnlockThrottle:
    """The limits for one address at one link."""

    def __init__(self, services: Services, token: str, address: str) -> None:
        self._throttles = services.throttles
        self._token = token
        self._pair = f"{token}\n{network_of(address)}"

    async def count_try(self) -> None:
        """Count a try before it is made; raises Throttled."""
        [own] = await self._throttles.hit((OWN, self._pair))
        try:
            await self._throttles.hit((VOLUME, self._token))
        except Throttled:
            is_known = own.n <= TRIES_OF_KNOWN and await self._throttles.is_counted(KNOWN, self._pair)
            if own.n > FIRST_TRIES and not is_known:
                raise
            await self._throttles.hit((RESERVE, self._token))

    async def count_wrong(self) -> None:
        """Charge for a wrong password; raises Throttled when the budget is used up."""
        try:
            await self._throttles.hit((WRONG, self._token))
        except Throttled as error:
            raise Throttled(WAIT_S) from error

    async def passed(self) -> None:
        """Remember that the right password came from this address."""
        await self._throttles.hit((KNOWN, self._pair))
