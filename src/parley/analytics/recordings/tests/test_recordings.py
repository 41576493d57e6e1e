"""Recordings through the API: one of them."""

from datetime import timedelta

import pytest

from parley.analytics.recordings.tests.factories import make_recording

FIELDS = {
    *("id", "distinct_id", "viewed", "viewers", "recording_duration", "active_seconds", "inactive_seconds"),
    *("start_time", "end_time", "click_count", "keypress_count", "mouse_activity_count", "console_log_count"),
    *("console_warn_count", "console_error_count", "start_url", "person", "storage", "snapshot_source"),
    *("ongoing", "activity_score", "retention_period_days", "expiry_time", "recording_ttl", "is_pinned"),
}
GONE = {
    "type": "invalid_request",
    "code": "not_found",
    "detail": "Recording not found",
    "attr": None,
}


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/session_recordings/"


async def test_a_recording_is_shown_with_its_person(api, services, project, path):
    person = {"$set": {"email": "ada@example.com"}}
    event = {"api_key": project.api_token, "event": "seen", "distinct_id": "ada", "properties": person}
    await api.post("/capture", json=event)
    start_at = services.clock.now() - timedelta(days=1)
    session_id = await make_recording(services, project, distinct_id="ada", start_at=start_at, minutes=2)
    shown = (await api.get(f"{path}{session_id}")).json()
    assert set(shown) == FIELDS
    assert (shown["id"], shown["distinct_id"], shown["person"]["name"]) == (
        session_id,
        "ada",
        "ada@example.com",
    )
    assert set(shown["person"]) == {"id", "uuid", "name", "distinct_ids", "properties", "created_at"}
    assert 110 <= shown["recording_duration"] <= 120
    assert shown["active_seconds"] + shown["inactive_seconds"] == shown["recording_duration"]
    assert shown["click_count"] > 0 and shown["keypress_count"] > 0 and 0 < shown["activity_score"] <= 100
    assert shown["start_url"] == "https://planner.example.com/boards"
    assert (shown["retention_period_days"], shown["recording_ttl"], shown["ongoing"]) == (30, 29, True)
    assert (shown["viewed"], shown["viewers"], shown["is_pinned"]) == (False, [], False)
    assert (shown["storage"], shown["snapshot_source"]) == ("object_storage", "web")
    same = await api.get(f"/api/environments/{project.id}/session_recordings/{session_id}")
    assert same.json() == shown


async def test_views_are_noted_for_each_user(api, bob, services, project, path):
    session_id = await make_recording(services, project)
    for answer in (
        await bob.client.post(f"{path}{session_id}/viewed/"),
        await bob.client.patch(f"{path}{session_id}/", json={"viewed": True}),
        await api.patch(f"{path}{session_id}/", json={}),
    ):
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    mine, theirs = (await api.get(path)).json(), (await bob.client.get(path)).json()
    assert (mine["results"][0]["viewed"], mine["results"][0]["viewers"]) == (False, [bob.email])
    assert (theirs["results"][0]["viewed"], theirs["results"][0]["viewers"]) == (True, [])


async def test_what_is_pinned_stays(api, services, project, path, clock, queue):
    session_id = await make_recording(services, project)
    for _ in range(2):
        pinned = (await api.post(f"{path}{session_id}/pin/")).json()
        assert (pinned["is_pinned"], pinned["expiry_time"], pinned["recording_ttl"]) == (True, None, None)
    clock.advance(timedelta(days=100))
    await queue.run_job("recordings.expire")
    for _ in range(2):
        free = (await api.post(f"{path}{session_id}/unpin/")).json()
        assert (free["is_pinned"], free["recording_ttl"]) == (False, 1)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("whose", ["unknown", "foreign", "long"])
async def test_what_is_not_there_is_not_found(api, mallory, services, path, method, whose):
    ids = {"unknown": "none", "long": "x" * 300}
    session_id = ids.get(whose) or await make_recording(services, mallory.project)
    answer = await api.request(method, f"{path}{session_id}/", json={} if method == "PATCH" else None)
    assert (answer.status_code, answer.json()) == (404, GONE)
    for name in ("viewed", "pin", "unpin"):
        assert (await api.post(f"{path}{session_id}/{name}/")).status_code == 404


async def test_bad_bodies_are_refused(api, services, project, path):
    session_id = await make_recording(services, project)
    answer = await api.patch(f"{path}{session_id}/", json={"viewed": "perhaps"})
    assert (answer.status_code, answer.json()["attr"]) == (400, "viewed")


async def test_what_is_unpinned_is_kept_for_as_long_as_the_project_says(api, services, project, path):
    session_id = await make_recording(services, project)
    await api.post(f"{path}{session_id}/pin/")
    settings = {"session_recording_retention_period": "90d"}
    assert (await api.patch(f"/api/projects/{project.id}/", json=settings)).status_code == 200
    free = (await api.post(f"{path}{session_id}/unpin/")).json()
    assert (free["retention_period_days"], free["recording_ttl"]) == (90, 90)
