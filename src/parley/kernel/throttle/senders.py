"""Bodies of strangers that are read at the same time: who has sent one is said by a signature over all of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.addresses import network_of
from parley.kernel.throttle.slots import SlotLimit, Slots


class SenderLimits(msgspec.Struct, frozen=True):
    """How many bodies of all senders are read at once, and how many of one network, which may send slowly."""

    of_all: SlotLimit
    of_network: SlotLimit


def sender_limits(name: str, most: int) -> SenderLimits:
    """Return limits by which one network has half of the places."""
    return SenderLimits(SlotLimit(name, most), SlotLimit(f"{name}-network", most // 2))


@contextmanager
def sender_slots(request: ParleyRequest, limits: SenderLimits) -> Iterator[None]:
    """Take a place for the sender of a request, and give it back at the end; raises Throttled."""
    slots: Slots = request.app.state.services.slots
    with slots.taken((limits.of_all, ""), (limits.of_network, network_of(request.client_address))):
        yield
