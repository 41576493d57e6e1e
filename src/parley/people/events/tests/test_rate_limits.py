"""How much SDKs may send: for each address, and what is taken for each project."""

import gzip
import json

import pytest

from parley.kernel.throttle import Limit
from parley.people.events import throttling
from parley.people.events.routes import capture
from tests.limited import client_at, limited_app


@pytest.fixture
async def limited(settings, app):
    async with limited_app(settings) as made:
        yield made


async def use_up(app, guard, address):
    """Count for an address what one guard lets pass, but for the last one."""
    (limit,) = guard.limits
    for _ in range(limit.most - 1):
        await app.app.state.services.throttles.hit((limit, address))


def event(token):
    return {"api_key": token, "event": "seen", "distinct_id": "ada"}


@pytest.mark.parametrize(
    "path", ["/e/", "/i/v0/e/", "/batch/", "/capture/", "/track/", "/engage/", "/flags/", "/decide/"]
)
async def test_an_address_is_told_in_plain_text_before_its_body_is_read(limited, path):
    is_flags = path in ("/flags/", "/decide/")
    await use_up(limited, throttling.flags_counted if is_flags else throttling.capture_counted, "192.0.2.1")
    async with client_at(limited, "192.0.2.1") as client, client_at(limited, "192.0.2.2") as other:
        assert (await client.post(path, content=b"{")).status_code == 400
        refused = await client.post(path, content=b"{")
        assert (refused.status_code, refused.text) == (429, "rate limited")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await other.post(path, content=b"{")).status_code == 400
        same_kind = "/decide/" if is_flags else "/batch/"
        assert (await client.post(same_kind, content=b"{}")).status_code == 429


async def test_events_of_nobodys_project_take_nothing_from_a_project(limited, project, monkeypatch):
    monkeypatch.setattr(capture, "PER_PROJECT", Limit("capture-project-test", 2, 60))
    async with client_at(limited, "192.0.2.1") as client:
        for _ in range(5):
            await client.post("/e/", json=event("phc_" + "x" * 43))
            await client.post("/e/", json={"api_key": project.api_token, "event": ""})
        found = [(await client.post("/e/", json=event(project.api_token))).status_code for _ in range(3)]
    assert found == [200, 200, 429]


async def kept(client, project, *, n_events, n_bytes):
    """Send so many events whose text is so large, packed, and return the status."""
    text = "x" * (n_bytes // n_events)
    batch = [{"event": "x", "distinct_id": "ada", "properties": {"text": text}} for _ in range(n_events)]
    body = json.dumps({"api_key": project.api_token, "batch": batch}).encode()
    return (await client.post("/batch/", content=gzip.compress(body))).status_code


@pytest.mark.parametrize(("n_events", "n_bytes", "most"), [(1, 900_000, 4), (1000, 20_000, 6), (1, 1000, 60)])
async def test_a_request_counts_by_what_is_stored_of_it(
    limited, project, monkeypatch, n_events, n_bytes, most
):
    # A packed body of a kilobyte may hold two megabytes.
    monkeypatch.setattr(capture, "PER_ADDRESS", limit := Limit("capture-address-test", 60, 60))
    async with client_at(limited, "192.0.2.1") as client, client_at(limited, "192.0.2.2") as other:
        sizes = {"n_events": n_events, "n_bytes": n_bytes}
        found = [await kept(client, project, **sizes) for _ in range(most + 3)]
        assert found[:most] == [200] * most
        assert (found[-1] == 429) == (n_bytes > 1000)
        assert await kept(other, project, **sizes) == 200
    assert limit.most == 60


async def test_large_requests_use_up_what_a_project_has(limited, project, monkeypatch):
    monkeypatch.setattr(capture, "PER_PROJECT", Limit("capture-project-test", 20, 60))
    async with client_at(limited, "192.0.2.1") as client:
        found = [await kept(client, project, n_events=1000, n_bytes=1000) for _ in range(3)]
    assert found == [200, 200, 429]


def test_limits_of_a_project_are_far_above_those_of_an_address():
    (of_address,) = throttling.capture_counted.limits  # type: ignore[attr-defined]
    assert throttling.PER_PROJECT.most >= 10 * of_address.most
