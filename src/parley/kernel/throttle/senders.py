"""Bodies of strangers that are read at the same time: who has sent one is said by a signature over all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from litestar.types import Receive

from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.time_limit import BODY_TIME
from parley.kernel.network.addresses import network_of
from parley.kernel.throttle.slots import SlotLimit, Slots

BEGUN_S = 2.0
SLOWEST = 64 * 1024
"""Bytes in a second, after the first two: who sends less gives the place back."""
MOST_UNANNOUNCED = 512 * 1024
"""So long a body counts whose length is not told, as long as it is read."""


class SenderLimits(msgspec.Struct, frozen=True):
    """How many requests of all senders are read at once, and how many of one network, which may send slowly.

    The second pair is for bodies that come in pieces, so that waiting for these takes no place of one that came whole.
    """

    of_all: SlotLimit
    of_network: SlotLimit
    pieces_of_all: SlotLimit
    pieces_of_network: SlotLimit


def sender_limits(name: str, most: int) -> SenderLimits:
    """Return limits by which one network has half of the places."""
    return SenderLimits(
        SlotLimit(name, most),
        SlotLimit(f"{name}-network", most // 2),
        SlotLimit(f"{name}-pieces", most),
        SlotLimit(f"{name}-pieces-network", most // 2),
    )


@contextmanager
def sender_slots(request: ParleyRequest, limits: SenderLimits) -> Iterator[None]:
    """Take a place for the sender of a request, and give it back at the end; raises Throttled."""
    with _places(request, limits.of_all, limits.of_network):
        yield


@contextmanager
def _places(request: ParleyRequest, of_all: SlotLimit, of_network: SlotLimit) -> Iterator[None]:
    slots: Slots = request.app.state.services.slots
    with slots.taken((of_all, ""), (of_network, network_of(request.client_address))):
        yield


async def body_of_sender(request: ParleyRequest, limits: SenderLimits) -> bytes:
    """Return the body of a short message, which honest senders send in one piece.

    One that is there with the first look takes no place, so that slow senders keep out only others whose bodies come in
    pieces; and they have to keep up a rate. Raises Throttled, RequestTimeout, and as `request.body` does.
    """
    length = request.content_length
    scope: dict[str, Any] = request.scope  # type: ignore[assignment]
    scope[BODY_TIME] = BEGUN_S + (MOST_UNANNOUNCED if length is None else length) / SLOWEST
    if not request.waits_to_send:
        first: Any = await request.receive()
        request.receive = _beginning_with(first, request.receive)
        if not first.get("more_body") or len(first.get("body", b"")) == length:
            return await request.body()
    with _places(request, limits.pieces_of_all, limits.pieces_of_network):
        return await request.body()


def _beginning_with(first: Any, receive: Receive) -> Receive:
    """Return a `receive` that gives a message which was looked at already, and then goes on."""
    waiting = [first]

    async def receiving() -> Any:
        return waiting.pop() if waiting else await receive()

    return receiving
