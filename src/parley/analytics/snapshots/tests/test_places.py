"""Who may read how much of a recording at the same time."""

from contextlib import ExitStack
from datetime import timedelta

import pytest

from parley.analytics.recordings.tests.factories import batch_of, make_recording, note
from parley.analytics.sharing.tests.shares import Share
from parley.analytics.snapshots import queries, routes
from parley.analytics.snapshots.places import OF_ADDRESS, OF_LINKS, OF_MEMBER, PAGES_OF_LINK
from parley.kernel.throttle import counted_for
from tests.limited import client_at, limited_app

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
        for _ in range(20):
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
        for _ in range(100):
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
        (20, "2001:db8:0:1::/64"),
        (60, "2001:db8::/48"),
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
    assert queries.PAGE == 1000


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
