"""Who may read how much of recordings at the same time. Links have places of their own, so they take none from members."""

from math import ceil

import msgspec

from parley.kernel.dependencies import provide_actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.shared import shared_of
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, SlotLimit, counted_for

KEY_LIMITS = (Limit("snapshots-key", 120, MINUTE_S), Limit("snapshots-key-hour", 600, HOUR_S))
PAGES_OF_LINK = Limit("snapshot-pages-of-link", 600, MINUTE_S)
OF_ADDRESS = SlotLimit("snapshots-of-address", 12)
OF_LINKS = SlotLimit("snapshots-of-links", 60)
OF_MEMBER = SlotLimit("snapshots-of-member", 20)
OF_MEMBERS = SlotLimit("snapshots-of-members", 60)
"""Each answer that nobody reads holds about a megabyte, most of it in the buffers of its connection."""
SMALL_KIB = 512
"""Answers that hold no more are bounded by their places alone; the others share the memory below, in KiB."""
KIB_OF_ADDRESS = SlotLimit("snapshots-kib-of-address", 16 * 1024)
KIB_OF_LINKS = SlotLimit("snapshots-kib-of-links", 48 * 1024)
KIB_OF_ALL_LINKS = SlotLimit("snapshots-kib-of-all-links", 64 * 1024)
KIB_OF_MEMBERS = SlotLimit("snapshots-kib-of-members", 72 * 1024)
KIB_OF_ALL_MEMBERS = SlotLimit("snapshots-kib-of-all-members", 144 * 1024)


class SnapshotReader(msgspec.Struct, frozen=True):
    """Who reads a recording of which project; `user_id` is None for whoever has only a link."""

    project_id: int
    user_id: int | None = None
    is_key: bool = False

    @property
    def is_member(self) -> bool:
        return self.user_id is not None


async def reader_of(request: ParleyRequest, services: Services) -> SnapshotReader:
    """Return who asks; count what a key reads, where the settings limit keys. Raises Throttled."""
    if shared := shared_of(request):
        return SnapshotReader(shared.project_id)
    actor = provide_actor(request)
    if services.settings.limits_keys and actor.principal.key_id is not None:
        await services.throttles.hit(*((limit, actor.principal.key_id) for limit in KEY_LIMITS))
    return SnapshotReader(actor.project_id, actor.user_id, actor.principal.is_key)


def hold_place(request: ParleyRequest, services: Services, reader: SnapshotReader) -> None:
    """Take a place until the answer has ended, which may be read slowly; raises Throttled."""
    project = str(reader.project_id)
    if reader.is_member:
        places = [(OF_MEMBER, f"{project} {reader.user_id}"), (OF_MEMBERS, project)]
    else:
        counted = counted_for(request.client_address, OF_ADDRESS)
        places = [*((limit, f"{project} {key}") for limit, key in counted), (OF_LINKS, project)]
    _hold(request, services, *places)


def hold_memory(request: ParleyRequest, services: Services, reader: SnapshotReader, n_bytes: int) -> None:
    """Take the memory that an answer needs until it has ended; raises Throttled.

    An answer that would need more than there is can be sent as the only one.
    """
    n_kib, project = ceil(n_bytes / 1024), str(reader.project_id)
    if n_kib <= SMALL_KIB:
        return
    if reader.is_member:
        places = [(KIB_OF_MEMBERS, project), (KIB_OF_ALL_MEMBERS, "")]
    else:
        counted = counted_for(request.client_address, KIB_OF_ADDRESS)
        places = [*counted, (KIB_OF_LINKS, project), (KIB_OF_ALL_LINKS, "")]
    _hold(request, services, *places, n=min(n_kib, *(limit.most for limit, _ in places)))


def _hold(request: ParleyRequest, services: Services, *places: tuple[SlotLimit, str], n: int = 1) -> None:
    held = services.slots.taken(*places, n=n)
    held.__enter__()

    async def give_back(_: int) -> None:
        held.__exit__(None, None, None)

    request.at_end(give_back)


async def count_pages(
    request: ParleyRequest, services: Services, reader: SnapshotReader, n_pages: int
) -> None:
    """Count what a link lists beyond a page, where the settings limit the public; raises Throttled."""
    if not reader.is_member and services.settings.limits_public and n_pages > 1:
        counted = counted_for(request.client_address, PAGES_OF_LINK)
        await services.throttles.hit(*counted * (n_pages - 1))
