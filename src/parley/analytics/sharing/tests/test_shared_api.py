"""What the API shows to somebody who has nothing but a link, on both databases."""

from datetime import timedelta

import pytest

from parley.analytics.recordings.tests.factories import make_recording
from parley.analytics.sharing.jobs import forget_gone_shares
from parley.analytics.sharing.tests.shares import Share, bearer, unlocked

INVALID = "Sharing access token is invalid."


@pytest.fixture
async def share(alice, services):
    """A share of a recording that has arrived."""
    return Share(alice, await make_recording(services, alice.project))


def recording_of(share):
    return share.path.removesuffix("/sharing")


async def test_a_link_shows_its_recording_and_less_than_a_member_sees(share, anonymous):
    asked = {"sharing_access_token": await share.open()}
    answer = await anonymous.get(recording_of(share), params=asked)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert set(shown) == {"id", "recording_duration", "start_time", "end_time"}
    page = await anonymous.get(f"/shared/{asked['sharing_access_token']}.json")
    assert page.json()["recording"] == shown
    sources = await anonymous.get(f"{recording_of(share)}/snapshots/", params=asked)
    assert sources.status_code == 200 and sources.json()["sources"]
    blocks = {**asked, "source": "blob_v2", "start_blob_key": "0", "end_blob_key": "1"}
    lines = await anonymous.get(f"{recording_of(share)}/snapshots", params=blocks)
    assert lines.status_code == 200 and lines.text.startswith("[")


async def test_everything_else_is_closed_to_a_link(share, alice, anonymous, services, mallory):
    asked = {"sharing_access_token": await share.open()}
    other = await make_recording(services, alice.project)
    root = f"/api/projects/{alice.project_id}"
    for path in (
        f"{root}/session_recordings",
        f"{root}/session_recordings/{other}",
        f"{root}/session_recordings/{other}/snapshots",
        f"{root}/session_recordings/unknown",
        share.path,
        f"{root}/conversations/tickets",
        f"/api/projects/@current/session_recordings/{share.recording_id}",
        f"/api/projects/{mallory.project_id}/session_recordings/{share.recording_id}",
        f"/api/projects/999999999/session_recordings/{share.recording_id}",
        "/api/projects/none/session_recordings",
        "/api/users/@me",
        "/api/organizations/@current",
    ):
        for client in (anonymous, alice.client):
            answer = await client.get(path, params=asked)
            assert answer.status_code == 403, (path, answer.text)


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "x" * 5000, "%00", "\U0001f994", "a.json"])
async def test_a_token_that_is_none_is_invalid_whoever_sends_it(share, alice, anonymous, token):
    await share.open()
    for client in (anonymous, alice.client):
        answer = await client.get(recording_of(share), params={"sharing_access_token": token})
        assert answer.status_code == 401 and answer.json()["detail"] == INVALID


async def test_only_get_takes_a_token(share, alice):
    asked = {"sharing_access_token": await share.open()}
    for method in ("POST", "PATCH", "DELETE"):
        for path in (recording_of(share), share.path):
            answer = await alice.client.request(method, path, params=asked, json={})
            if answer.status_code == 405:
                continue
            assert answer.status_code == 401, (method, path)
            assert answer.json()["detail"] == "Sharing access token can only be used for GET requests."
    for path in (recording_of(share), f"{recording_of(share)}/snapshots", share.path):
        assert (await alice.client.head(path, params=asked)).status_code == 401, path
    assert (await alice.client.get(recording_of(share))).status_code == 200


async def test_a_link_with_a_password_wants_the_proof_too(share, anonymous):
    token = await share.lock()
    asked = {"sharing_access_token": token}
    proof = await unlocked(anonymous, token)
    for headers, status in (({}, 401), (bearer("x"), 401), (bearer(proof), 200)):
        answer = await anonymous.get(recording_of(share), params=asked, headers=headers)
        assert answer.status_code == status
    await share.change(enabled=False)
    answer = await anonymous.get(recording_of(share), params=asked, headers=bearer(proof))
    assert answer.status_code == 401 and answer.json()["detail"] == INVALID


async def test_the_organization_ends_it_for_the_api_too(share, alice, anonymous):
    asked = {"sharing_access_token": await share.open()}
    await alice.client.patch("/api/organizations/@current/", json={"allow_publicly_shared_resources": False})
    assert (await anonymous.get(recording_of(share), params=asked)).status_code == 401


async def test_a_deleted_recording_takes_its_links_with_it(share, alice, anonymous, services):
    token = await share.open()
    async with services.database.transaction() as db:
        await forget_gone_shares(db, services)  # those of other tests
    assert (await alice.client.delete(recording_of(share))).status_code == 204
    assert (await anonymous.get(f"/shared/{token}")).status_code == 404
    answer = await anonymous.get(recording_of(share), params={"sharing_access_token": token})
    assert answer.status_code == 404
    kept = Share(alice, await make_recording(services, alice.project))
    await kept.lock()
    for n_gone in (1, 0):
        async with services.database.transaction() as db:
            assert await forget_gone_shares(db, services) == n_gone
    assert (await share.show())["created_at"] is None and (await kept.show())["enabled"]


async def test_a_link_never_opens_again_once_its_recording_is_over(
    share, alice, anonymous, services, clock, queue
):
    token = await share.open()
    clock.advance(timedelta(days=31))

    async def statuses():
        asked = {"sharing_access_token": token}
        found = (
            await anonymous.get(f"/shared/{token}"),
            await anonymous.get(recording_of(share), params=asked),
        )
        return {answer.status_code for answer in found}

    for _ in range(3):  # the hourly job hides and forgets before the daily one comes
        assert await statuses() == {404}
        await queue.run_job("recordings.expire")
        await queue.drain()
        await make_recording(services, alice.project, session_id=share.recording_id)  # a stranger's
    assert await statuses() == {404}
    await queue.run_job("sharing.forget_gone")
    clock.advance(timedelta(days=31))
    await queue.run_job("recordings.expire")
    await make_recording(services, alice.project, session_id=share.recording_id)
    assert await statuses() <= {401, 404} and (await share.show())["created_at"] is None


async def test_what_has_not_arrived_can_be_shared_and_says_so(alice, anonymous):
    share = Share(alice, "not-here-yet")
    token = await share.open()
    assert (await anonymous.get(f"/shared/{token}.json")).json()["recording"] == {"id": "not-here-yet"}
    answer = await anonymous.get(recording_of(share), params={"sharing_access_token": token})
    assert answer.status_code == 404 and answer.json()["detail"] == "Recording not found"
