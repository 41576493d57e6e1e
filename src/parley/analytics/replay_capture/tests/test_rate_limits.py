"""How much recorders may send."""

import asyncio
import gzip
import json
import random
import tracemalloc

from parley.analytics.replay_capture import actions, routes
from parley.analytics.replay_capture.tests.recorder import click, packed, snapshot
from parley.kernel.storage.errors import StorageAway
from parley.kernel.throttle import Limit, SlotLimit, Turns
from tests.limited import client_at, limited_app


async def test_an_address_has_so_many_requests_by_their_size(
    settings, app, alice, project, clock, monkeypatch
):
    await alice.client.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    monkeypatch.setattr(routes, "PER_ADDRESS", Limit("replay-address-test", 7, 60))
    at = clock.now().timestamp() * 1000
    large = {"type": 5, "timestamp": at, "data": "x" * 700_000}  # counts as three, one of them elsewhere
    body = packed(snapshot(project.api_token, large))
    async with (
        limited_app(settings) as limited,
        client_at(limited, "192.0.2.1") as client,
        client_at(limited, "192.0.2.2") as other,
    ):
        answers = [await client.post("/s/", content=body) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].text == "rate limited"
        assert (await other.post("/s/", content=packed(snapshot(project.api_token, click(at))))).is_success


async def test_each_five_batches_count_as_one_request(settings, app, alice, project, clock, monkeypatch):
    await alice.client.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    monkeypatch.setattr(routes, "PER_ADDRESS", Limit("replay-address-test", 5, 60))
    ms = clock.now().timestamp() * 1000
    body = packed([snapshot(project.api_token, click(ms + n), session_id="s") for n in range(11)])
    async with limited_app(settings) as limited, client_at(limited, "192.0.2.1") as client:
        answers = [await client.post("/s/", content=body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_a_body_is_counted_by_its_size_also_when_it_is_refused(
    settings, app, alice, project, monkeypatch
):
    await alice.client.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    monkeypatch.setattr(routes, "PER_ADDRESS", Limit("replay-address-test", 7, 60))
    no_batch = packed(snapshot(project.api_token, {"type": 3, "data": "x" * 700_000}))  # counts as three
    too_much = gzip.compress(b" " * 9_000_000)
    async with limited_app(settings) as limited:
        async with client_at(limited, "192.0.2.1") as client:
            answers = [await client.post("/s/", content=no_batch) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
        async with client_at(limited, "192.0.2.2") as client:
            assert (await client.post("/s/", content=too_much)).status_code == 429
            assert (await client.post("/s/", content=no_batch)).status_code == 429


async def test_an_address_has_few_places_where_bodies_are_read(settings, app, project, clock, monkeypatch):
    monkeypatch.setattr(
        routes,
        "_reading",
        Turns(1, waiting_of_key=1, waiting=2, refusal=routes._busy),
    )
    body = packed(snapshot(project.api_token, click(clock.now().timestamp() * 1000)))
    async with (
        limited_app(settings) as limited,
        client_at(limited, "2001:db8:0:1::1") as client,
        client_at(limited, "2001:db8:0:2::1") as same_line,
        client_at(limited, "::2") as other,
    ):
        async with routes._reading.taken("somebody"):
            clients = (client, same_line, other)
            sent = [asyncio.create_task(one.post("/s/", content=body)) for one in clients]
            done, _ = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 503]
    assert [task.result().text for task in done] == ["transient error, please retry"]


async def test_an_address_begins_so_many_recordings_and_goes_on_with_them(
    settings, app, alice, project, clock, monkeypatch
):
    await alice.client.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    monkeypatch.setattr(actions, "NEW_OF_ADDRESS", Limit("replay-new-test", 2, 600))
    ms = clock.now().timestamp() * 1000

    def batch(session_id, at=0.0):
        return snapshot(project.api_token, click(ms + at), session_id=session_id)

    async with limited_app(settings) as limited, client_at(limited, "192.0.2.1") as client:

        async def status_of(*batches, client=client):
            answer = (await client.post("/s/", content=packed(list(batches)))).raise_for_status()
            return answer.json().get("quota_limited")

        assert await status_of(batch("a"), batch("a", 1), batch("b")) is None
        assert await status_of(batch("a", 2), batch("c")) == ["recordings"]
        assert await status_of(batch("a", 2)) is None
        async with client_at(limited, "192.0.2.2") as other:
            assert await status_of(batch("c"), client=other) is None
        assert await status_of(batch("c", 1)) is None
        assert await status_of(batch("d")) == ["recordings"]


async def test_a_recording_that_could_not_be_kept_has_not_begun(
    settings, app, alice, project, clock, monkeypatch
):
    await alice.client.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    monkeypatch.setattr(actions, "NEW_OF_ADDRESS", Limit("replay-new-test", 1, 600))
    body = packed(snapshot(project.api_token, click(clock.now().timestamp() * 1000)))

    async def be_away(key, content):
        raise StorageAway

    async with limited_app(settings) as limited, client_at(limited, "192.0.2.1") as client:
        with monkeypatch.context() as patch:
            patch.setattr(limited.app.state.services.storage, "put", be_away)
            answers = [await client.post("/s/", content=body) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert (await client.post("/s/", content=body)).json() == {"status": 1}


async def test_only_a_few_large_bodies_are_in_memory(services, anonymous, project):
    body = gzip.compress(b"[]") + b"\0" * routes.LARGE
    with services.slots.taken(*[(routes.LARGE_BODIES, "")] * routes.LARGE_BODIES.most):
        answer = await anonymous.post("/s/", content=body)
    assert (answer.status_code, answer.text) == (503, "transient error, please retry")
    assert (await anonymous.post("/s/", content=body)).status_code in (400, 401)


async def test_what_waits_for_a_storage_that_hangs_is_bounded(
    alice, services, anonymous, project, clock, monkeypatch
):
    await alice.client.patch(f"/api/projects/{project.id}/", json={"session_recording_opt_in": True})
    hanging, is_reached = asyncio.Event(), asyncio.Event()
    put = services.storage.put

    async def hang(key, content):
        is_reached.set()
        await hanging.wait()
        await put(key, content)

    def post(size):
        event = click(clock.now().timestamp() * 1000) | {"more": random.randbytes(size // 2).hex()}
        return anonymous.post("/s/", content=json.dumps(snapshot(project.api_token, event)))

    monkeypatch.setattr(routes, "HELD", SlotLimit("replay-held-test", 4))
    with monkeypatch.context() as patch:
        patch.setattr(services.storage, "put", hang)
        waits = asyncio.create_task(post(3 * routes.UNIT))  # and a little more than that
        await is_reached.wait()
        answer = await post(10)
        assert (answer.status_code, answer.text) == (503, "transient error, please retry")
        hanging.set()
        assert (await waits).json() == {"status": 1}
        assert (await post(10)).json() == {"status": 1}
        hanging.clear()
        patch.setattr(actions, "PATIENCE_S", 0.01)
        assert (await post(10)).status_code == 503


async def test_one_address_holds_a_part_of_what_may_wait(services, anonymous, project, clock):
    body = packed(snapshot(project.api_token, click(clock.now().timestamp() * 1000)))
    assert routes.HELD_OF_ADDRESS.most * 4 <= routes.HELD.most
    of_address = (routes.HELD_OF_ADDRESS, "127.0.0.1")
    with services.slots.taken(*[of_address] * routes.HELD_OF_ADDRESS.most):
        assert (await anonymous.post("/s/", content=body)).status_code == 503
    assert (await anonymous.post("/s/", content=body)).status_code == 200


async def test_a_body_needs_as_many_places_as_it_is_large(services, anonymous):
    of_address = (routes.HELD_OF_ADDRESS, "127.0.0.1")
    with services.slots.taken(of_address, n=routes.HELD_OF_ADDRESS.most - 1):
        assert (await anonymous.post("/s/", content=b" " * routes.UNIT)).status_code == 401
        assert (await anonymous.post("/s/", content=b" " * (routes.UNIT + 1))).status_code == 503


async def test_nothing_is_kept_of_a_body_that_is_too_large_for_all_places(anonymous):
    n_bytes, step = routes.HELD_OF_ADDRESS.most * routes.UNIT + 1, 1024 * 1024

    async def body():
        for start in range(0, n_bytes, step):
            yield bytes(min(step, n_bytes - start))

    tracemalloc.start()
    try:
        headers = {"Content-Length": str(n_bytes), "Content-Type": "application/json"}
        answer = await anonymous.post("/s/", content=body(), headers=headers)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer.text) == (413, "length limit exceeded")
    assert most < 6 * step


async def test_the_large_bodies_of_an_address_leave_room_for_those_of_others(settings, app):
    body = gzip.compress(b"[]") + b"\0" * routes.LARGE
    async with (
        limited_app(settings) as limited,
        client_at(limited, "192.0.2.1") as client,
        client_at(limited, "192.0.2.2") as other,
    ):
        taken = [(routes.LARGE_OF_ADDRESS, "192.0.2.1")] * routes.LARGE_OF_ADDRESS.most
        with limited.app.state.services.slots.taken(*taken):
            assert (await client.post("/s/", content=body)).status_code == 503
            assert (await other.post("/s/", content=body)).status_code in (400, 401)


async def test_a_refused_body_is_read_to_its_end_so_that_the_sender_hears_the_answer(services, anonymous):
    sent = []

    async def body():
        for n in range(4):
            sent.append(n)
            yield b" " * 1000

    with services.slots.taken(*[(routes.HELD, "")] * routes.HELD.most):
        answer = await anonymous.post("/s/", content=body(), headers={"Content-Length": "4000"})
    assert (answer.status_code, sent) == (503, [0, 1, 2, 3])
