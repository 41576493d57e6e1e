"""Everything about a person is given out, and nothing of them is left when they are erased."""

import json
import sqlite3

import pytest

from parley.administration.privacy.tests.conftest import places_of
from tests.receiver import hang_up

EVERYWHERE = {
    "activity_log.detail",
    "comment.content",
    "comment.item_context",
    "event.distinct_id",
    "event.properties",
    "idempotency_key.sealed_body",
    "outbox.payload",
    "person.email",
    "person.properties",
    "person.search_name",
    "person_distinct_id.distinct_id",
    "ticket.anonymous_traits",
    "ticket.distinct_id",
    "ticket.email_subject",
    "ticket.last_message_text",
    "ticket.session_context",
    "ticket_tag.name",
    "webhook_delivery.payload",
}
INDEXED = {"postgresql": {"search_text.text"}, "sqlite": set[str]()}
AS_GUEST = {
    "ticket.cc_participants",
    "ticket_participant.distinct_id",
    "ticket_participant.email",
    "ticket_participant.name",
}


async def test_after_an_erasure_nothing_of_the_person_is_left_in_any_table(guest, database, services):
    assert (
        await places_of(database, services, guest.word) >= EVERYWHERE | AS_GUEST | INDEXED[database.dialect]
    )
    answer = await guest.erase()
    assert answer.status_code == 200, answer.text
    assert await places_of(database, services, guest.word) == set()
    counts = answer.json()
    assert counts["persons"] == 1 and counts["distinct_ids"] == 2 and counts["tickets"] == 6
    assert counts.pop("left_out") == []
    assert counts.pop("inbound_mails") == 0  # see email/inbound/tests/test_forgetting.py
    assert counts.pop("recordings") == 0  # see analytics/recordings/tests/test_personal_data.py
    assert counts.pop("outbound_mails") == 0  # see email/outbound/tests/test_forgetting.py
    assert counts.pop("text_contacts") == 0  # see integrations/sms/tests/test_privacy.py
    assert all(counts.values()), counts


# PostgreSQL overwrites what is deleted when it vacuums.
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True, scope="session")
async def test_nothing_is_left_in_the_files_of_sqlite_either(guest, settings):
    files = [settings.data_dir / f"parley.sqlite3{end}" for end in ("", "-wal")]
    assert any(guest.word.encode() in file.read_bytes() for file in files)
    assert (await guest.erase()).status_code == 200
    assert not any(guest.word.encode() in file.read_bytes() for file in files)
    assert sqlite3.connect(files[0]).execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_an_export_holds_everything_that_an_erasure_takes(carla):
    answer = await carla.export()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith('attachment; filename="personal-data-')
    assert int(answer.headers["content-length"]) == len(answer.content)
    exported = answer.json()
    assert {one["id"] for one in exported["tickets"]} >= set(carla.tickets.values())
    said = [message["content"] for one in exported["tickets"] for message in one["messages"]]
    for text in ("My name is", "Hello", "Me again,", "Remember", "Yes,", "Not told to anybody:"):
        assert f"{text} {carla.word}" in said
    assert f"{carla.word} is a good customer" in said
    assert {one["event"] for one in exported["events"]} >= {"seen", "bought", "$conversation_message_sent"}
    assert exported["persons"][0]["properties"]["email"] == carla.email
    assert f"tag {carla.word}" in json.dumps(exported["activity"])
    assert {one["state"] for one in exported["webhook_deliveries"]} == {"delivered"}
    assert exported["found_by"]["email_addresses"] == [carla.email.lower()]
    assert [one["distinct_id"] for one in exported["events"]].count(f"unknown-{carla.word}") == 2


async def test_what_a_guest_wrote_is_given_out_without_the_words_of_the_host(guest, otto):
    exported = (await guest.export()).json()
    assert [one["content"] for one in exported["messages_elsewhere"]] == [f"What {guest.word} thinks"]
    assert [one["ticket_id"] for one in exported["participations"]] == [otto.tickets["first"]]
    added = [one for one in exported["activity"] if one["item_id"] == otto.tickets["by_team"]]
    assert [one["detail"]["changes"][0]["action"] for one in added] == ["created", "deleted"]
    assert f"My name is {otto.word}" not in json.dumps(exported)


async def test_others_do_not_notice(carla, otto, database, services):
    before = (await otto.export()).json()
    assert (await carla.erase()).status_code == 200
    after = (await otto.export()).json()
    assert before.pop("exported_at") < after.pop("exported_at")
    assert json.dumps(before) == json.dumps(after)
    assert carla.word not in json.dumps(after)
    assert await places_of(database, services, otto.word) >= EVERYWHERE - {"webhook_delivery.payload"}


async def test_a_ticket_that_somebody_was_a_guest_on_says_what_is_still_true(guest, otto, desk):
    before = (await guest.api.get(otto.desk.tickets, params={"search": ""})).json()["results"]
    was = next(one for one in before if one["id"] == otto.tickets["first"])
    assert was["last_message_text"] == f"What {guest.word} thinks"
    assert was["cc_participants"] == [guest.email.lower()]
    assert (await guest.erase()).status_code == 200
    now = await desk.ticket(otto.tickets["first"])
    assert now["message_count"] == was["message_count"] - 1
    assert now["last_message_text"] == f"Yes, {otto.word}"
    assert now["cc_participants"] == []
    assert now["updated_at"] == was["updated_at"]
    listed = (await guest.api.get(f"{otto.desk.tickets}{now['id']}/messages/")).json()["results"]
    assert f"My name is {otto.word}" in [one["content"] for one in listed]


async def test_lists_and_counts_are_right_afterwards(carla, otto, desk):
    assert (await desk.listed())["count"] == 7
    unread, theirs = await desk.unread(), {"first": 1, "told": 1, "by_team": 1, "late": 1}
    last = max(await desk.numbers())
    assert (await carla.erase()).status_code == 200
    listed = await desk.listed()
    assert listed["count"] == len(listed["results"]) == 3
    for status in ("new", "open", "pending", "on_hold", "resolved"):
        of_status = await desk.listed(status=status)
        assert of_status["count"] == len(of_status["results"])
    assert await desk.unread() == unread - sum(theirs.values())
    assert (await desk.open())["ticket_number"] > last


async def test_what_comes_in_later_is_new(carla):
    assert (await carla.erase()).status_code == 200
    await carla.capture("seen", colour="blue")
    again = await carla.browser.opened("Hello, I am new here")
    exported = (await carla.export(distinct_id=carla.distinct_id)).json()
    assert [one["id"] for one in exported["tickets"]] == [again]
    assert {one["event"] for one in exported["events"]} == {
        "seen",
        "$conversation_ticket_created",
        "$conversation_message_received",
    }
    assert exported["persons"][0]["properties"] == {}


async def test_a_request_that_is_sent_again_brings_nothing_back(carla, api, project):
    key, body = {"Idempotency-Key": "the same"}, {"email": carla.email, "message": f"I am {carla.word}"}
    assert (await api.post(project.tickets, json=body, headers=key)).status_code == 201
    assert (await carla.erase()).status_code == 200
    again = await api.post(project.tickets, json=body, headers=key)
    assert again.status_code == 404
    assert again.json()["detail"] == "What this request made has been erased."
    assert (await carla.export()).status_code == 404


async def test_what_waits_for_a_webhook_is_not_sent_any_more(carla, api, project, queue, receiver):
    hooks = f"/api/projects/{project.id}/webhooks/"
    (hook,) = (await api.get(hooks)).json()["results"]
    n_received = len(receiver.received)
    assert (await carla.erase()).status_code == 200
    await queue.drain()
    assert len(receiver.received) == n_received
    log = (await api.get(f"{hooks}{hook['id']}/deliveries/")).json()["results"]
    assert len(log) == n_received and all(one["payload"] == {"erased": True} for one in log)
    again = await api.post(f"{hooks}{hook['id']}/deliveries/{log[0]['id']}/replay/")
    assert (again.status_code, again.json()["code"]) == (400, "erased")


async def test_a_delivery_that_is_tried_again_and_again_is_given_up(carla, api, project, queue, receiver):
    receiver.respond = hang_up
    await queue.drain()
    hooks = f"/api/projects/{project.id}/webhooks/"
    (hook,) = (await api.get(hooks)).json()["results"]
    log = f"{hooks}{hook['id']}/deliveries/"
    waiting = (await api.get(log, params={"state": "pending"})).json()["results"]
    assert len(waiting) == 2
    assert (await carla.erase()).status_code == 200
    failed = (await api.get(log, params={"state": "failed"})).json()["results"]
    assert {one["id"] for one in failed} == {one["id"] for one in waiting}
    assert {one["last_error"] for one in failed} == {"The person whom this told of has been erased."}
    assert (await api.get(log, params={"state": "pending"})).json()["count"] == 0


async def test_open_pages_hear_which_tickets_are_gone(carla, services, project):
    async with services.live.subscription(f"project:{project.id}") as heard:
        assert (await carla.erase()).status_code == 200
        notices = [heard.get_nowait() for _ in range(heard.qsize())]
    gone = {one.data["ticket_id"] for one in notices if one.name == "ticket.deleted"}
    assert len(gone) == 4 and carla.tickets["gone"] not in gone
    assert gone > {carla.tickets["first"], carla.tickets["told"], carla.tickets["by_team"]}
