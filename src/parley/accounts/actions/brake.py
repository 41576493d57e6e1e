"""The brake on guessing: ten failures for each account and address, then waits that double.

It is always on. It counts in the cache, so that several processes share it. A try is counted before its password is
compared, and forgotten if it was right: many tries at the same time get no further than one after the other,
whatever the number of processes.
The address is a part of the key, so that nobody can lock the owner of an account out from elsewhere.
"""

import asyncio
import hashlib
import ipaddress
from math import ceil
from typing import Self
from weakref import WeakValueDictionary

from parley.kernel.dependencies import Services
from parley.kernel.errors import Throttled

FREE_TRIES = 10
FIRST_WAIT_S, LONGEST_WAIT_S = 60, 3600
WINDOW_S = 3600  # the ten tries are counted from the first of them for so long
REMEMBERED_S = 86_400  # after so long without a failure everything is as in the beginning


_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
"""Tries at one account from one address take turns in this process, so that those which succeed never add up."""


class Brake:
    """The brake for one account (any text that names it) and one address; a try happens inside `async with`."""

    def __init__(self, services: Services, what: str, account: str, address: str) -> None:
        self._services = services
        named = f"{account}\n{_network(address)}".encode("utf-8", "surrogatepass")
        self._key = f"brake:{what}:{hashlib.sha256(named).hexdigest()[:32]}"
        self._turn = _turns.setdefault(self._key, asyncio.Lock())
        self._round = 0
        self._tries = 0

    async def __aenter__(self) -> Self:
        """Wait for the try before and count this one; raises Throttled while the account rests."""
        await self._turn.acquire()
        try:
            await self._check()
        except BaseException:
            self._turn.release()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._turn.release()

    async def _check(self) -> None:
        cache = self._services.cache
        until = await cache.get(f"{self._key}:until")
        left_s = float(until) - self._now() if until else 0
        if left_s > 0:
            raise Throttled(ceil(left_s))
        self._round = int(await cache.get(f"{self._key}:round") or 0)
        window_s = WINDOW_S if self._round == 0 else self._wait_s
        self._tries, _ = await cache.increment(f"{self._key}:{self._round}", window_s)
        if self._tries > self._allowed:
            # Other processes are comparing the tries before, or one of them broke off: the wait begins now.
            wait_s = self._wait_s
            await self._rest(wait_s)
            raise Throttled(wait_s)

    async def failed(self) -> None:
        """Note that the try was wrong; the last one allowed begins a wait."""
        if self._tries >= self._allowed:
            await self._rest(self._wait_s)

    async def _rest(self, wait_s: int) -> None:
        cache = self._services.cache
        await cache.set(f"{self._key}:until", str(self._now() + wait_s).encode(), wait_s)
        await cache.set(f"{self._key}:round", str(self._round + 1).encode(), REMEMBERED_S)

    async def passed(self) -> None:
        """Forget the failures."""
        parts = ("until", "round", str(self._round), "0")
        await self._services.cache.delete(*(f"{self._key}:{part}" for part in parts))

    @property
    def _allowed(self) -> int:
        return FREE_TRIES if self._round == 0 else 1

    @property
    def _wait_s(self) -> int:
        return min(FIRST_WAIT_S << min(self._round, 10), LONGEST_WAIT_S)

    def _now(self) -> float:
        return self._services.clock.now().timestamp()


def _network(address: str) -> str:
    """An IPv6 network of 64 bits belongs to one customer of a provider, so all of it counts as one address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


async def count_or_refuse(services: Services, what: str, address: str, *, most: int, window_s: int) -> None:
    """Count a request of an address; raises Throttled when it made more than `most` in the window."""
    count, ends_in_s = await services.cache.increment(f"brake:{what}:{_network(address)}", window_s)
    if count > most:
        raise Throttled(ends_in_s)
