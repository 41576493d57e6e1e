"""The pages on which recordings are found, watched, pinned and deleted."""

import json
from datetime import timedelta
from typing import Any

import pytest

from parley.analytics.recordings.queries.recordings import recording_by_id
from parley.analytics.recordings.tests.factories import batch_of, make_recording, note
from tests.plain_browser import PlainBrowser, window_of


def source_of(window: PlainBrowser) -> dict[str, Any]:
    """Return what the script of the player is given."""
    found: dict[str, Any] = json.loads(window.page.one("script", id="player-source").text)
    return found


def listed(window: PlainBrowser) -> list[str]:
    """Return the session ids of the list, from the top."""
    links = [link["href"] for link in window.page.all("a") if link["href"].startswith("/recordings/")]
    return [path.removeprefix("/recordings/") for path in links]


async def test_recordings_are_listed_with_what_happened(window, services, project):
    now = services.clock.now()
    old = await make_recording(services, project, start_at=now - timedelta(days=2), minutes=2)
    new = await make_recording(services, project, distinct_id="ada")
    await window.open("/inbox")
    await window.follow("Analytics")
    await window.follow("Recordings")
    assert listed(window) == [new, old]
    row = next(link for link in window.page.all("a") if old in link["href"]).text
    assert "visitor" in row and "1:5" in row and "click" in row and "New" in row
    await window.open("/recordings?who=ada")
    assert listed(window) == [new]
    await window.open("/recordings?longer_than=60")
    assert listed(window) == [old]
    await window.open(f"/recordings?date_to={now - timedelta(days=2):%Y-%m-%d}")
    assert listed(window) == [old]
    await window.open("/recordings?who=nobody")
    assert listed(window) == [] and "No recording matches" in window.page.text


async def test_somebody_is_found_with_all_their_ids(window, api, services, project):
    at_first = await make_recording(services, project, distinct_id="anonymous-1")
    later = await make_recording(services, project, distinct_id="ada")
    await make_recording(services, project, distinct_id="other")
    identify = {
        "$anon_distinct_id": "anonymous-1",
        "$set": {"email": "Ada@example.com", "name": "Ada Lovelace"},
    }
    event = {"api_key": project.api_token, "event": "$identify", "distinct_id": "ada", "properties": identify}
    assert (await api.post("/capture", json=event)).status_code == 200
    for who in ("ada", "anonymous-1", "ada@example.com", "Ada love"):
        await window.open(f"/recordings?who={who}")
        assert set(listed(window)) == {at_first, later}, who


@pytest.mark.parametrize("who", ["%00", "visitor%20%00%00%00%00%00%00", "%ed%a0%80", "visitor%20%25____%5C"])
async def test_nobody_is_found_by_what_no_name_holds(window, services, project, who):
    await make_recording(services, project)
    await window.open(f"/recordings?who={who}")
    assert window.status == 200 and listed(window) == []


async def test_a_visitor_without_a_name_is_called_as_in_the_inbox(window, services, project, customer):
    distinct_id = "01a224d8-f466-7e8e-bf86-b546f798be23"
    session_id = await make_recording(services, project, distinct_id=distinct_id)
    await customer.write("It broke", distinct_id=distinct_id)
    for path in ("/inbox", "/recordings", f"/recordings/{session_id}"):
        await window.open(path)
        assert "Visitor 98be23" in window.page.text, path
    await make_recording(services, project)
    await window.open("/recordings?who=visitor+98be23")
    assert listed(window) == [session_id]


async def test_pinned_ones_and_those_with_errors_are_found(window, services, project):
    pinned = await make_recording(services, project, batches=[batch_of(note("a", services.clock.now()))])
    failed = await make_recording(services, project, minutes=2)
    await window.open(f"/recordings/{pinned}")
    await window.press("Pin")
    for only, found in (("pinned", [pinned]), ("errors", [failed]), ("other", [failed, pinned])):
        await window.open(f"/recordings?only={only}")
        assert sorted(listed(window)) == sorted(found), only


async def test_a_long_list_goes_on(window, services, project, monkeypatch):
    monkeypatch.setattr("parley.analytics.playback.pages.recordings.PER_PAGE", 1)
    now = services.clock.now()
    made = [
        await make_recording(services, project, start_at=now - timedelta(hours=n), batches=None, minutes=0.1)
        for n in (2, 3)
    ]
    await window.open("/recordings?who=visitor")
    first = listed(window)
    await window.follow("Older recordings")
    assert first + listed(window) == made and not any("Older" in link.text for link in window.page.all("a"))


async def test_a_recording_is_shown_with_what_the_customer_wrote(window, services, project, customer):
    session_id = await make_recording(
        services, project, start_at=services.clock.now() - timedelta(seconds=20)
    )
    await customer.write("It broke </script>", session_id=session_id)
    await customer.write("Of somebody else", distinct_id="other", session_id=session_id)
    await window.open(f"/recordings/{session_id}")
    source = source_of(window)
    assert source["url"] == f"/api/projects/{project.id}/session_recordings/{session_id}/snapshots"
    mark = source["marks"][0]
    assert [one["text"] for one in source["marks"]] == ["It broke </script>"] and mark["kind"] == "message"
    assert (
        mark["href"].startswith("/inbox/1#message-")
        and abs(mark["at"] / 1000 - services.clock.now().timestamp()) < 60
    )
    assert "</script>" not in window.page.one("script", id="player-source").text.replace("\\u003c", "")
    assert "frame-src 'self'" in window.answer.headers["Content-Security-Policy"]


async def test_who_records_under_the_name_of_a_customer_gets_none_of_their_words(
    window, services, project, customer
):
    forged = await make_recording(services, project, start_at=services.clock.now() - timedelta(seconds=20))
    await customer.write("Where is my order?", session_id="of-the-customer")
    await customer.write("And this one?")
    await window.open(f"/recordings/{forged}")
    marks = source_of(window)["marks"]
    assert [(one["kind"], one["text"]) for one in marks] == [("elsewhere", "")] * 2
    assert marks[0]["href"].startswith("/inbox/1#message-") and "my order" not in window.page.text
    for path in ("/recordings", f"/recordings/{forged}"):
        await window.open(path)
        assert "That proves nothing" in window.page.text, path


async def test_messages_of_hidden_tickets_are_no_marks(cast, api, services, project, customer):
    session_id = await make_recording(
        services, project, start_at=services.clock.now() - timedelta(seconds=20)
    )
    await customer.write("It broke")
    url = f"/api/projects/{project.id}/resource_access_controls/"
    assert (await api.put(url, json={"resource": "ticket", "access_level": "none"})).status_code == 200
    bobs = await window_of(cast, cast.bob)
    await bobs.open(f"/recordings/{session_id}")
    assert source_of(bobs)["marks"] == []


async def test_a_recording_is_pinned_watched_and_deleted(window, services, project):
    session_id = await make_recording(services, project)
    await window.open(f"/recordings/{session_id}")
    await window.press("Pin")
    assert "Kept until it is unpinned" in window.page.text
    await window.press("Unpin")
    assert "Kept until it is unpinned" not in window.page.text
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for do in ("delete", "view", "what"):
        answer = await window.client.post(f"/recordings/{session_id}", data={"csrf_token": token, "do": do})
        assert answer.status_code == 303
    await window.open("/recordings")
    assert listed(window) == [session_id] and "Watched" in window.page.text
    await window.open(f"/recordings/{session_id}")
    await window.press("Delete this recording")
    assert window.path == "/recordings?notice=deleted" and listed(window) == []


@pytest.mark.parametrize("path", ["/recordings/unknown", "/recordings/{foreign}", "/recordings/" + "x" * 300])
async def test_what_is_not_there_is_not_found(window, cast, services, path):
    async with services.database.transaction() as db:
        other = await cast.make_project(db, await cast.make_organization(db))
    foreign = await make_recording(services, other)
    await window.open(path.format(foreign=foreign))
    assert window.status == 404
    await window.open("/recordings")
    assert listed(window) == []
    token = window.page.all("input", name="csrf_token")[0]["value"]
    fields = {"csrf_token": token, "do": "delete", "sure": "yes"}
    assert (await window.client.post(path.format(foreign=foreign), data=fields)).status_code == 404
    async with services.database.transaction() as db:
        kept = await recording_by_id(db, other.id, foreign, services.clock.now())
    assert kept.session_id == foreign


@pytest.mark.parametrize("query", ["date_from=yesterday", "date_to=2026-99-99", "after=xyz"])
async def test_a_filter_that_cannot_be_read_is_refused(window, query):
    await window.open(f"/recordings?{query}")
    assert window.status == 400 and window.heading == "That did not work"


async def test_the_frame_is_the_same_for_everybody_and_loads_nothing(anonymous, window):
    answers = [await client.get("/player") for client in (anonymous, window.client)]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        nonce = policy.split("'nonce-")[1].split("'")[0]
        assert f'nonce="{nonce}"' in answer.text
        assert "default-src 'none'" in policy and "connect-src" not in policy and "unsafe-eval" not in policy
        assert "Set-Cookie" not in answer.headers and "X-Frame-Options" not in answer.headers
        assert answer.headers["X-DNS-Prefetch-Control"] == "off"
    assert answers[0].text != answers[1].text


async def test_strangers_are_led_to_the_sign_in(anonymous):
    for path in ("/recordings", "/recordings/x"):
        answer = await anonymous.get(path)
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/login")


async def test_an_empty_list_says_whether_recording_is_on(window, alice, project):
    await window.open("/recordings")
    assert "Recording is switched off. Switch it on" in window.page.text
    changes = {"session_recording_opt_in": True}
    await alice.client.patch(f"/api/projects/{project.id}/", json=changes)
    await window.open("/recordings")
    assert "Recording is switched on." in window.page.text
