"""From a ticket to the recording of its customer's visit."""

from datetime import datetime, timedelta

import pytest

from parley.analytics.recordings.tests.factories import make_recording
from tests.plain_browser import PlainBrowser

CONTEXT = {
    "current_url": "https://shop.example.com/",
    "session_replay_url": "https://shop.example.com/replay/1?t=5",
}

ANOTHER = "A session was named, but its recording belongs to another visitor"


def link_to_watch(window: PlainBrowser) -> str | None:
    return next((link["href"] for link in window.page.all("a") if link.name == "Watch the session"), None)


async def test_a_visit_is_watched_from_the_moment_of_the_message(window, services, project, customer, clock):
    start_at = services.clock.now() - timedelta(minutes=1)
    session_id = await make_recording(services, project, start_at=start_at)
    received = await customer.write("It broke", session_id=session_id, session_context=CONTEXT)
    written_at = services.clock.now()
    clock.advance(timedelta(seconds=30))
    await make_recording(services, project, session_id=session_id, start_at=services.clock.now(), seed=2)
    clock.advance(timedelta(hours=1))
    await customer.write("An hour later", received.ticket_id, session_id=session_id)
    await window.open("/inbox/1")
    path, _, query = (link_to_watch(window) or "").partition("?at=")
    at = datetime.fromisoformat(query.replace("%3A", ":").replace("%2B", "+"))
    assert path == f"/recordings/{session_id}"
    assert abs(at - written_at + timedelta(seconds=5)) < timedelta(seconds=20)
    assert "replay/1" not in window.page.text and "https://shop.example.com/" in window.page.text
    await window.follow("Watch the session")
    assert window.status == 200


@pytest.mark.parametrize(
    "what", ["nothing recorded", "deleted", "expired", "no session", "of another project"]
)
async def test_without_a_recording_there_is_no_link(window, api, cast, services, project, customer, what):
    async with services.database.transaction() as db:
        other = await cast.make_project(db, await cast.make_organization(db))
    session_id, start_at = "session", services.clock.now() - timedelta(days=40 if what == "expired" else 0)
    if what != "nothing recorded":
        owner = other if what == "of another project" else project
        session_id = await make_recording(services, owner, start_at=start_at)
    sent = {} if what == "no session" else {"session_id": session_id}
    await customer.write("It broke", session_context=CONTEXT, **sent)
    if what == "deleted":
        answer = await api.delete(f"/api/projects/{project.id}/session_recordings/{session_id}/")
        assert answer.status_code == 204
    await window.open("/inbox/1")
    assert "It broke" in window.page.text
    assert link_to_watch(window) is None and "replay/1" not in window.page.text
    assert ANOTHER not in window.page.text


async def identify(anonymous, project, distinct_id: str, anonymous_id: str) -> None:
    """Let capture join two distinct ids, as the SDK does once a visitor has signed in on the site."""
    properties = {"$anon_distinct_id": anonymous_id}
    event = {"api_key": project.api_token, "event": "$identify", "distinct_id": distinct_id}
    answer = await anonymous.post("/e/", json={**event, "properties": properties})
    assert answer.status_code == 200


async def test_a_visit_before_signing_in_is_their_own(window, services, project, customer, anonymous):
    session_id = await make_recording(services, project, distinct_id="before-signing-in")
    await identify(anonymous, project, "ada", "before-signing-in")
    await customer.write("It broke", session_id=session_id, distinct_id="ada")
    await window.open("/inbox/1")
    assert f"/recordings/{session_id}" in (link_to_watch(window) or "")


async def test_a_named_session_of_somebody_else_is_not_taken_for_their_own(
    window, services, project, customer, anonymous
):
    session_id = await make_recording(services, project, distinct_id="ada")
    await identify(anonymous, project, "stranger", "stranger-before")
    await identify(anonymous, project, "ada", "ada-before")
    await customer.write("Look at what I did", session_id=session_id, distinct_id="stranger")
    await window.open("/inbox/1")
    assert link_to_watch(window) is None
    assert ANOTHER in window.page.text
    await window.follow("Look at it anyway")
    assert window.status == 200


async def test_persons_of_another_project_join_nothing(window, cast, services, project, customer, anonymous):
    session_id = await make_recording(services, project, distinct_id="ada")
    async with services.database.transaction() as db:
        other = await cast.make_project(db, await cast.make_organization(db))
    await identify(anonymous, other, "visitor", "ada")
    await customer.write("It broke", session_id=session_id)
    await window.open("/inbox/1")
    assert link_to_watch(window) is None and ANOTHER in window.page.text
