"""The side of the isolated process: it reads requests from its standard input, and ends when that ends.

A request is a frame with a small message, then one with the content. The answer is a frame with an `IsolatedAnswer`, then
its contents. A frame is a length of four bytes and the bytes.
"""

import os
import resource
import select
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO, Literal

import msgspec

LENGTH = struct.Struct(">I")
IDLE_S = 300
"""An idle process ends by itself after this time, so that a quiet server doesn't keep it."""

MAX_REQUESTS = 2000
"""After so many a process ends by itself, so that what it has gathered is given back."""

ALL, WRITABLE = 0, 5
"""Fields of /proc/self/statm (proc(5))."""

Handle = Callable[[bytes, bytes], tuple[bytes, list[bytes]]]


class IsolatedAnswer(msgspec.Struct, array_like=True):
    """What comes back: whether it went well, the reply, and the sizes of the contents that follow."""

    status: Literal["done", "too_much_memory", "crashed"]
    reply: bytes = b""
    sizes: list[int] = []


def serve(handle: Handle, *, cpu_s: int, memory_bytes: int, reserves_addresses: bool = False) -> None:
    """Answer requests one by one, each with so much time of the processor, and all with so much memory beyond now.

    A program that reserves far more addresses than it uses, as JavaScript engines do, is limited in what it may write to.
    """
    source, target = os.fdopen(0, "rb", buffering=65_536), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not get among the answers
    if reserves_addresses:
        _limit(resource.RLIMIT_DATA, _own_memory(WRITABLE) + memory_bytes)
    else:
        _limit(resource.RLIMIT_AS, _own_memory(ALL) + memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _write(target, b"ready")
    for _ in range(MAX_REQUESTS):
        if not select.select([source], [], [], IDLE_S)[0]:
            return
        request = _read(source)
        if request is None:
            return
        content = _read(source) or b""
        spent = resource.getrusage(resource.RUSAGE_SELF)
        _limit_soft(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + 1 + cpu_s)
        _answer(target, handle, request, content)


def _answer(target: BinaryIO, handle: Handle, request: bytes, content: bytes) -> None:
    """Answer one request. After a failure the process ends, since nobody knows what is left of it."""
    try:
        reply, contents = handle(request, content)
        answer = IsolatedAnswer("done", reply, [len(content) for content in contents])
    except MemoryError:
        answer, contents = IsolatedAnswer("too_much_memory"), []
    except Exception:
        answer, contents = IsolatedAnswer("crashed"), []
    _write(target, msgspec.msgpack.encode(answer))
    for piece in contents:
        _write_all(target, piece)
    if answer.status != "done":
        sys.exit(1)


def _read(source: BinaryIO) -> bytes | None:
    """Return the next frame, or None when there is none any more."""
    length = source.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    size = LENGTH.unpack(length)[0]
    found = source.read(size)
    return found if len(found) == size else None


def _write(target: BinaryIO, content: bytes) -> None:
    _write_all(target, LENGTH.pack(len(content)))
    _write_all(target, content)


def _write_all(target: BinaryIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[target.write(rest) :]


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(kind, (most, most))


def _limit_soft(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _own_memory(field: int) -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[field]) * resource.getpagesize()
