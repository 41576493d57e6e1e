"""Recordings of one person are exported and erased, and nobody else's."""

from datetime import timedelta

from parley.analytics.recordings.queries import personal_data
from parley.analytics.recordings.tests.factories import make_recording


async def test_recordings_of_a_person_are_exported_and_erased(
    api, services, project, queue, clock, monkeypatch
):
    monkeypatch.setattr(personal_data, "PAGE", 2)
    start_at = services.clock.now() - timedelta(hours=1)
    event = {"api_key": project.api_token, "event": "$identify", "distinct_id": "ada"}
    properties = {"$anon_distinct_id": "anonymous-1", "$set": {"email": "ada@example.com"}}
    await api.post("/capture", json={**event, "properties": properties})
    theirs = {
        await make_recording(services, project, distinct_id=name, start_at=start_at, minutes=0.1)
        for name in ("ada", "ada", "ada", "anonymous-1")
    }
    other = await make_recording(services, project, distinct_id="otto", minutes=0.1)
    url = f"/api/projects/{project.id}/personal_data/?email=ada@example.com"
    exported = (await api.get(url)).json()["recordings"]
    assert {one["session_id"] for one in exported} == theirs and len(exported) == 4
    assert exported[0]["start_url"] == "https://planner.example.com/boards"

    erased = await api.delete(url)
    assert (erased.status_code, erased.json()["recordings"]) == (200, 4)
    recordings = f"/api/projects/{project.id}/session_recordings/"
    assert [one["id"] for one in (await api.get(recordings)).json()["results"]] == [other]
    await queue.drain()
    assert len(await services.storage._some_keys(f"{project.id}/")) == 1
    assert (await api.get(url)).status_code == 404
