"""Who may read how much of a recording at the same time."""

import gzip
import tracemalloc
from contextlib import ExitStack
from datetime import timedelta
from secrets import token_urlsafe

import pytest

from parley.analytics.recordings.tests.factories import batch_of, make_recording, note
from parley.analytics.sharing.tests.shares import Share
from parley.analytics.snapshots import queries, routes
from parley.analytics.snapshots.block_stream import most_held, streamed_blocks
from parley.analytics.snapshots.gzip_members import STEP_BYTES
from parley.analytics.snapshots.places import (
    KIB_OF_ADDRESS,
    KIB_OF_MEMBERS,
    OF_ADDRESS,
    OF_LINKS,
    OF_MEMBER,
    PAGES_OF_LINK,
)
from parley.analytics.snapshots.rules import BlockRange
from parley.kernel.throttle import counted_for
from tests.limited import client_at, limited_app

MIB = 1024 * 1024
BLOCK = {"source": "blob_v2", "blob_key": 0}


@pytest.fixture
async def share(alice, services, clock):
    """A share of a recording with five blocks."""
    start_at = clock.now() - timedelta(hours=1)
    batches = [batch_of(note(str(n), start_at + timedelta(seconds=n))) for n in range(5)]
    recorded = await make_recording(services, alice.project, start_at=start_at, batches=batches)
    return Share(alice, recorded)


@pytest.fixture
def path(share):
    return share.path.removesuffix("/sharing") + "/snapshots"


async def test_answers_that_nobody_reads_take_no_more_than_the_places_of_their_network(
    share, path, anonymous, services
):
    asked = {"sharing_access_token": await share.open()}
    with ExitStack() as held:
        for _ in range(12):
            held.enter_context(services.slots.taken((OF_ADDRESS, f"{share.member.project_id} 127.0.0.1")))
        for query in ({}, BLOCK):
            refused = await anonymous.get(path, params=asked | query)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            assert (await share.member.client.get(path, params=query)).status_code == 200
    for _ in range(25):
        assert (await anonymous.get(path, params=asked | BLOCK)).status_code == 200


async def test_whoever_has_links_takes_no_places_of_members(share, path, anonymous, services):
    asked = {"sharing_access_token": await share.open()}
    project_id = share.member.project_id
    with ExitStack() as held:
        for _ in range(60):
            held.enter_context(services.slots.taken((OF_LINKS, str(project_id))))
        assert (await anonymous.get(path, params=asked)).status_code == 429
        assert (await share.member.client.get(path)).status_code == 200
    with ExitStack() as held:
        for _ in range(20):
            held.enter_context(services.slots.taken((OF_MEMBER, f"{project_id} {share.member.user_id}")))
        assert (await share.member.client.get(path)).status_code == 429
        assert (await anonymous.get(path, params=asked)).status_code == 200


def test_addresses_of_one_network_and_of_one_line_have_their_places_together():
    found = [counted_for(f"2001:db8:0:{n}::{n}", OF_ADDRESS) for n in (1, 2)]
    assert [(limit.most, key) for limit, key in found[0]] == [
        (12, "2001:db8:0:1::/64"),
        (36, "2001:db8::/48"),
    ]
    assert found[0][1] == found[1][1]


async def test_the_list_is_read_in_pieces_and_holds_no_connection_while_it_is_sent(
    share, path, services, monkeypatch
):
    n_read = 0

    async def some(db, project_id, session_id, after):
        nonlocal n_read
        n_read += 1
        return (await queries.snapshot_sources(db, project_id, session_id, after))[:2]

    monkeypatch.setattr(routes, "PAGE", 2)
    monkeypatch.setattr(routes, "snapshot_sources", some)
    listed = (await share.member.client.get(path)).json()["sources"]
    assert [one["blob_key"] for one in listed] == [str(n) for n in range(5)]
    assert n_read == 3


async def test_answers_with_large_blocks_share_the_memory_that_there_is(alice, services, clock, anonymous):
    large = note(token_urlsafe(400_000), clock.now())
    recorded = await make_recording(services, alice.project, start_at=clock.now(), batches=[batch_of(large)])
    share = Share(alice, recorded)
    path, asked = (
        share.path.removesuffix("/sharing") + "/snapshots",
        {"sharing_access_token": await share.open()},
    )
    everything = services.slots.taken((KIB_OF_ADDRESS, "127.0.0.1"), n=KIB_OF_ADDRESS.most - 1000)
    with everything:
        assert (await anonymous.get(path, params=asked | BLOCK)).status_code == 429
        assert (await alice.client.get(path, params=BLOCK)).status_code == 200
    with services.slots.taken((KIB_OF_MEMBERS, str(alice.project_id)), n=50_000):
        assert (await alice.client.get(path, params=BLOCK)).status_code == 200
        unpacked = await alice.client.get(path, params=BLOCK | {"decompress": "true"})
        assert unpacked.status_code == 429
    for _ in range(20):
        assert (await anonymous.get(path, params=asked | BLOCK)).status_code == 200


async def test_an_answer_holds_no_more_than_it_is_counted_for(alice, services, clock):
    at = round(clock.now().timestamp() * 1000)
    letters = gzip.compress(b'"' + bytes([97]) * (7 * MIB) + b'"').decode("latin-1")
    packed = [{"type": 2, "data": letters, "cv": "2024-10", "timestamp": at + n} for n in range(6)]
    recorded = await make_recording(
        services, alice.project, start_at=clock.now(), batches=[batch_of(*packed)]
    )
    async with services.database.transaction(write=False) as db:
        blocks = await queries.blocks_in(db, alice.project_id, recorded, BlockRange(0, 0))
    tracemalloc.start()
    try:
        coming = streamed_blocks(
            services.storage, alice.project_id, blocks, is_packed=False, is_unpacked=True
        )
        sizes = [len(piece) async for piece in coming]
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) > 42 * MIB and max(sizes) <= STEP_BYTES
    assert most < most_held(blocks, is_unpacked=True)


async def test_a_link_gets_no_unpacked_events(share, path, anonymous):
    asked = {"sharing_access_token": await share.open(), "decompress": "true"} | BLOCK
    refused = await anonymous.get(path, params=asked)
    assert (refused.status_code, refused.json()["attr"]) == (400, "decompress")


async def test_lists_of_many_blocks_count_for_more_than_one(share, path, settings, monkeypatch):
    asked = {"sharing_access_token": await share.open()}
    monkeypatch.setattr(routes, "PAGE", PAGES_OF_LINK.most)
    async with limited_app(settings, "public") as app, client_at(app, "192.0.2.1") as client:
        assert (await client.get(path, params=asked)).status_code == 200
        monkeypatch.setattr(routes, "PAGE", 1)
        statuses = [(await client.get(path, params=asked)).status_code for _ in range(160)]
        assert statuses == [200] * 150 + [429] * 10
