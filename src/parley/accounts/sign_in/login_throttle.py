"""The limits on guessing passwords and links. They are always on, and only what was wrong counts.

Ten wrong passwords for an account from an address, then waits that double. Beside it two slow limits, for all that an
address tries and for all that is tried at an account. The slow ones never apply to somebody who has signed in to the account
from this address before, or still has a session: nobody can be locked out of their account by others.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from weakref import WeakValueDictionary

from parley.accounts.authentication.queries import principal_by_session_hash
from parley.kernel.errors import Throttled, Unavailable
from parley.kernel.ids import token_hash
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import DAY_S, HOUR_S, Count, Limit, SlotLimit

PER_ACCOUNT_AND_ADDRESS = Limit("sign-in", 10, DAY_S, first_wait_s=60)
PER_ADDRESS = Limit("sign-in-address", 300, DAY_S)
PER_ACCOUNT = Limit("sign-in-account", 100, DAY_S)
TRUSTED = Limit("sign-in-known", 2**53, 30 * DAY_S)
"""Counts the successes of an account from an address, and refuses none."""
AT_ONCE = SlotLimit("sign-in", 20)
"""How many sign-ins of one address may wait; more are refused at once."""
LINKS = Limit("links", 30, HOUR_S)
"""Links of invitations, resets and the set-up page that are wrong, for each address."""

_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""Tries at one account from one address take turns in this process, so that those which succeed never add up."""


class LoginAttempt:
    """One attempt to sign in with the password of an account (any text that names it) from an address."""

    def __init__(self, services: Services, account: str, address: str, session_token: str | None) -> None:
        self._services = services
        self._account = account
        self._network = network_of(address)
        self._pair = _pair_of(account, self._network)
        self._session_token = session_token

    @asynccontextmanager
    async def throttled(self) -> AsyncIterator[None]:
        """Count the attempt before it is made, and forget it if it was right; raises Throttled."""
        turn = _turns.setdefault(self._pair, asyncio.Lock())
        with self._services.slots.taken((AT_ONCE, self._network)):
            async with turn:
                counts = await self._count()
                try:
                    yield
                except Unavailable:
                    await self._services.throttles.take_back(counts)
                    raise
                await self._passed(counts)

    async def _count(self) -> list[Count]:
        throttles, counts = self._services.throttles, list[Count]()
        try:
            counts += await self._count_slowly(PER_ADDRESS, self._network)
            counts += await throttles.hit((PER_ACCOUNT_AND_ADDRESS, self._pair))
            counts += await self._count_slowly(PER_ACCOUNT, self._account)
        except Throttled:
            await throttles.take_back(counts)
            raise
        return counts

    async def _count_slowly(self, limit: Limit, key: str) -> list[Count]:
        try:
            return await self._services.throttles.hit((limit, key))
        except Throttled:
            if not await self._is_trusted():
                raise
            return []

    async def _is_trusted(self) -> bool:
        services = self._services
        if await services.throttles.is_counted(TRUSTED, self._pair):
            return True
        if not self._session_token:
            return False
        hashed = token_hash(self._session_token)
        owner = await principal_by_session_hash(services.database, hashed, services.clock.now())
        return owner is not None and owner.principal.email == self._account

    async def _passed(self, counts: list[Count]) -> None:
        throttles = self._services.throttles
        for count in counts:
            if count.limit is PER_ACCOUNT_AND_ADDRESS:
                await throttles.forget(count)
            else:
                await throttles.take_back([count])
        await throttles.hit((TRUSTED, self._pair))


async def trust_address(services: Services, account: str, address: str) -> None:
    """Exempt this address from the slow limits of the account.

    For somebody who has set the password by a link that was in a mail alone.
    """
    await services.throttles.hit((TRUSTED, _pair_of(account, network_of(address))))


def _pair_of(account: str, network: str) -> str:
    return f"{account}\n{network}"


def link_throttle(services: Services, address: str) -> AbstractAsyncContextManager[None]:
    """Count a link that turns out to be wrong inside; raises Throttled after too many of them from one address."""
    return services.throttles.refused((LINKS, network_of(address)))
