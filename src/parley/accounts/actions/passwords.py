"""Hashing of passwords: Argon2id, off the event loop, a bounded number at a time.

One hash takes 19 MiB for some 25 ms (a recommendation of OWASP for Argon2id). Two threads bound the memory,
whatever the number of people who sign in at once; a longer queue than anybody would wait for is refused.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from parley.accounts.rules.passwords import prepared
from parley.kernel.errors import Unavailable

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
MAX_WAITING = 200

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
_waiting = 0


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # needed by few requests, so not at the start

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("the password of nobody")


def _hash(password: str) -> str:
    return _hasher().hash(prepared(password).encode("utf-8", "surrogatepass"))


def _verify(password: str, password_hash: str | None) -> bool:
    # An older version has hashed passwords as they were typed.
    forms = dict.fromkeys((prepared(password), password))
    return any(_is_of(form, password_hash) for form in forms)


def _is_of(password: str, password_hash: str | None) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(password_hash or _nobodys_hash(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password: str, password_hash: str) -> bool:
    """Say whether the hash was made with other parameters than today's, or maybe of the password as it was typed."""
    return password != prepared(password) or _hasher().check_needs_rehash(password_hash)


async def hash_password(password: str) -> str:
    """Return the encoded hash. Call it before the transaction is opened: it takes its time."""
    with _Place():
        return await asyncio.get_running_loop().run_in_executor(_threads, _hash, password)


async def is_right_password(password: str, password_hash: str | None) -> bool:
    """Compare; without a hash (nobody has this address) the answer is False after the same time."""
    with _Place():
        return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password, password_hash)


class _Place:
    """A place in the queue for the threads."""

    def __enter__(self) -> None:
        global _waiting
        if _waiting >= MAX_WAITING:
            raise Unavailable("Too many people are signing in at the moment. Please try again.")
        _waiting += 1

    def __exit__(self, *_: object) -> None:
        global _waiting
        _waiting -= 1
