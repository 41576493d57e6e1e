"""Retries of transactions that the database has undone for a conflict, before a client gets an error.

A deadlock, a serialization failure or a lock that others held for too long says nothing about the request. A request is
answered once more from its start (`answer_again`), a function of background work is called once more (`call_again`), each in
new transactions. That happens only while nothing of it is committed, so that no effect can happen twice.
"""

import random
from asyncio import sleep
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from functools import partial, wraps
from time import monotonic
from typing import Any, ParamSpec, TypeVar

import structlog
from litestar.types import Message, Receive, Send

from parley.kernel.errors import TransactionConflict

log = structlog.get_logger(__name__)

R = TypeVar("R")
P = ParamSpec("P")

App = Callable[[Any, Receive, Send], Awaitable[None]]

STREAMED = "parley_streams_body"
"""In the scope: the body is too large to be kept, so the request can't be answered again from its start.

The value stands for the body where requests with one `Idempotency-Key` are compared.
"""
MOST_TRIES = 8
TRY_FOR_S = 10.0
FIRST_PAUSE_S = 0.01


class Attempt:
    """The results of the transactions of one attempt."""

    __slots__ = ("has_committed", "is_undone")

    def __init__(self) -> None:
        self.has_committed = False
        self.is_undone = False


_attempt: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def note_commit() -> None:
    """Note that the current request has committed something: it must not be retried from its start any more."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.has_committed = True


def note_conflict() -> None:
    """Note that the database has undone a transaction of the current request."""
    attempt = _attempt.get()
    if attempt is not None:
        attempt.is_undone = True


def pauses() -> Iterator[float]:
    """Yield how long to wait before each further try, as long as there may be one."""
    until = monotonic() + TRY_FOR_S
    for number in range(MOST_TRIES - 1):
        if monotonic() > until:
            return
        yield random.uniform(0.5, 1.0) * FIRST_PAUSE_S * 2**number  # noqa: S311 - no secret


async def call_again(do: Callable[[], Awaitable[R]]) -> R:
    """Return what `do` returns, called again while its transaction is undone; raises TransactionConflict in the end.

    `do` opens one transaction and does nothing else that lasts.
    """
    for pause_s in pauses():
        try:
            return await do()
        except TransactionConflict:
            await sleep(pause_s)
    return await do()


def called_again(do: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Have a function called again while its transaction is undone (a decorator, see `call_again`)."""

    @wraps(do)
    async def again(*arguments: P.args, **options: P.kwargs) -> R:
        return await call_again(partial(do, *arguments, **options))

    return again


async def answer_again(app: App, scope: Any, receive: Receive, send: Send) -> None:
    """Have the application answer a request, from its start again while its transaction is undone.

    At the end of each try comes what it has asked for (`ParleyRequest.at_end`).
    """
    tries = _Tries(receive, send, scope)
    original = scope.copy()
    original["state"] = dict(scope.get("state", ()))
    while True:
        token = _attempt.set(tries.begin())
        try:
            await app(scope, tries.receive, tries.send)
        finally:
            _attempt.reset(token)
            for do in scope.get("parley_at_end", ()):
                await do(tries.status)
        if tries.pause_s is None:
            return
        log.info("request_tried_again", path=scope["path"])
        await sleep(tries.pause_s)
        scope.clear()
        scope.update({**original, "state": dict(original["state"])})


class _Tries:
    """The tries of one request: what it has sent is kept until an answer begins, and given to each try."""

    def __init__(self, receive: Receive, send: Send, scope: Any) -> None:
        self._receive, self._send, self._scope = receive, send, scope
        self._heard: list[Any] = []
        self._n_given = 0
        self._has_begun = False
        self._attempt = Attempt()
        self._pauses: Iterator[float] | None = None
        self.status = 0  # of the answer of this try, once there is one
        self.pause_s: float | None = None  # set where the answer is withheld, for another one is to be made

    def begin(self) -> Attempt:
        self._attempt = Attempt()
        self._n_given = self.status = 0
        self.pause_s = None
        return self._attempt

    async def receive(self) -> Any:
        if self._n_given < len(self._heard):
            self._n_given += 1
            return self._heard[self._n_given - 1]
        message = await self._receive()
        if not self._has_begun and STREAMED not in self._scope:
            self._heard.append(message)
            self._n_given += 1
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            is_whole = STREAMED not in self._scope  # what was sent is kept, so that it can be read again
            if (
                message["status"] == 503
                and is_whole
                and self._attempt.is_undone
                and not self._attempt.has_committed
            ):
                self._pauses = self._pauses or pauses()
                self.pause_s = next(self._pauses, None)
            if self.pause_s is None:
                self._has_begun = True
                self._heard = []
        if self.pause_s is None:
            await self._send(message)
