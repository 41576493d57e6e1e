"""Hashing of passwords: Argon2id, off the event loop, a bounded number at a time.

One hash takes 19 MiB for some 25 ms (a recommendation of OWASP for Argon2id). Two threads bound the memory,
whatever the number of people who sign in at once; whoever would wait behind too many others is refused.
"""

import asyncio
import secrets
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from parley.accounts.passwords.hashing_queue import HashingQueue
from parley.accounts.passwords.rules import normal_password

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
SALT_BYTES, HASH_BYTES = 16, 32
MAX_WAITING = 200
NO_PASSWORD = "!"
"""What is stored in place of a hash for somebody who has no password. No password is right, after the usual time."""

THREADS = 2

_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="password")
queue = HashingQueue(THREADS, MAX_WAITING)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # needed by few requests, so not at the start

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _dummy_hash() -> str:
    return _hasher().hash("the password of nobody")


def _hash(password: str) -> str:
    return _hasher().hash(normal_password(password).encode("utf-8", "surrogatepass"))


def _verify(password: str, password_hash: str | None) -> bool:
    # An older version has hashed passwords as they were typed.
    forms = dict.fromkeys((normal_password(password), password))
    if password_hash == NO_PASSWORD:
        password_hash = None
    return any(_is_of(form, password_hash) for form in forms)


def _is_of(password: str, password_hash: str | None) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(password_hash or _dummy_hash(), password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password: str, password_hash: str) -> bool:
    """Say whether the hash was made with other parameters than today's, or maybe of the password as it was typed."""
    return password != normal_password(password) or _hasher().check_needs_rehash(password_hash)


def new_form() -> str:
    """Return algorithm, cost and a new salt, for several passwords of one thing that are compared by one hash."""
    salt = b64encode(secrets.token_bytes(SALT_BYTES)).decode().rstrip("=")
    return f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}"


def _hash_in_form(password: str, form: str) -> str:
    from argon2.low_level import Type, hash_secret

    _, _, version, costs, salt = form.split("$")
    cost = {name: int(value) for name, value in (part.split("=") for part in costs.split(","))}
    encoded = hash_secret(
        password.encode("utf-8", "surrogatepass"),
        b64decode(salt + "=" * (-len(salt) % 4)),
        time_cost=cost["t"],
        memory_cost=cost["m"],
        parallelism=cost["p"],
        hash_len=HASH_BYTES,
        type=Type.ID,
        version=int(version.removeprefix("v=")),
    )
    return encoded.decode()


async def hash_in_form(password: str, form: str, *, address: str) -> str:
    """Return the encoded hash of a password, as it is, with the algorithm, cost and salt of `new_form`."""
    async with queue.slot(address):
        return await asyncio.get_running_loop().run_in_executor(_threads, _hash_in_form, password, form)


async def hash_password(password: str, *, address: str = "") -> str:
    """Return the encoded hash. Call it before the transaction is opened: it takes its time.

    `address` is whose request it is done for: addresses take turns.
    """
    async with queue.slot(address):
        return await asyncio.get_running_loop().run_in_executor(_threads, _hash, password)


async def is_right_password(password: str, password_hash: str | None, *, address: str) -> bool:
    """Compare; without a hash (nobody has this address) the answer is False after the same time."""
    async with queue.slot(address):
        return await asyncio.get_running_loop().run_in_executor(_threads, _verify, password, password_hash)
