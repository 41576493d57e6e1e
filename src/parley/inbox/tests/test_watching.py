"""From a ticket to the recording of its customer's visit."""

from datetime import datetime, timedelta

import pytest

from parley.analytics.recordings.tests.factories import make_recording
from tests.plain_browser import PlainBrowser

CONTEXT = {
    "current_url": "https://shop.example.com/",
    "session_replay_url": "https://shop.example.com/replay/1?t=5",
}


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
