"""The external API: a project's secret token reads and changes single tickets."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select

from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.jobs import outbox
from parley.people.events.tables import event
from tests.limited import client_at, limited_app

DOCUMENT = Path(__file__).parents[5] / "docs" / "external.md"
PATH = "/api/conversations/external/ticket/"
KEYS = {
    "id", "number", "status", "priority", "channel_source", "channel_detail", "distinct_id", "created_at",
    "updated_at", "message_count", "last_message_at", "last_message_text", "unread_team_count",
    "unread_customer_count", "sla", "snoozed_until", "assignee", "url", "slack_channel_id", "slack_thread_ts",
    "slack_team_id", "email_subject", "email_from", "email_to", "cc_participants", "tags",
}  # fmt: skip


class Outside:
    """A program with the secret token of alice's project, and one ticket."""

    def __init__(self, client: httpx.AsyncClient, desk: Desk) -> None:
        self.client, self.desk = client, desk

    async def open(self, **fields):
        self.ticket = await self.desk.open(**fields)
        self.url = PATH + self.ticket["id"]
        return self

    async def shown(self):
        answer = await self.client.get(self.url)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def change(self, headers=None, **fields):
        answer = await self.client.patch(self.url, json=fields, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"ok": True}), answer.text

    async def refused(self, **fields):
        """Return what is wrong with a change, which must leave the ticket as it was."""
        before = await self.shown()
        answer = await self.client.patch(self.url, json=fields)
        assert answer.status_code == 400 and answer.json().keys() == {"error"}, answer.text
        assert await self.shown() == before
        return answer.json()["error"]

    async def history(self):
        url = f"/api/projects/{self.desk.project.id}/activity_log/"
        query = {"scope": "Ticket", "item_id": self.ticket["id"]}
        return (await self.desk.client.get(url, params=query)).json()["results"]


@pytest.fixture
async def outside(cast, alice, project):
    client = cast.client(Authorization=f"Bearer {project.secret_api_token}")
    return await Outside(client, Desk(alice, project)).open(
        message="Hello?", tags=["a"], session_context={"current_url": "https://shop.test/"}
    )


async def test_a_ticket_is_shown_with_exactly_these_keys(outside, alice):
    await outside.change(assignee={"type": "user", "id": alice.user_id}, sla_due_at="2031-01-01T00:00:00Z")
    found = await outside.shown()
    assert found.keys() == KEYS
    assert (found["id"], found["number"], found["tags"]) == (outside.ticket["id"], 1, ["a"])
    assert found["assignee"] == {"type": "user", "id": alice.user_id}
    assert (found["sla"], found["url"]) == ("2031-01-01T00:00:00Z", "https://shop.test/")
    assert (found["last_message_text"], found["unread_team_count"]) == ("Hello?", 1)


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, "Missing or invalid Authorization header"),
        ("Basic abc", "Missing or invalid Authorization header"),
        ("Bearer ", "Empty API key"),
        ("Bearer phs_nobody", "Invalid API key"),
    ],
)
async def test_without_a_good_token_nothing_is_told(outside, anonymous, header, error):
    headers = {"Authorization": header} if header else {}
    for method in ("GET", "PATCH"):
        answer = await anonymous.request(method, outside.url, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": error})


async def test_neither_personal_keys_nor_public_tokens_are_good(outside, anonymous, alice, project):
    for token in (alice.key, project.api_token, project.widget_token):
        answer = await anonymous.get(outside.url, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid API key"})


async def test_the_token_before_a_rotation_is_good_until_it_is_dropped(outside, api, project):
    one = f"/api/projects/{project.id}"
    fresh = (await api.patch(f"{one}/rotate_secret_token/")).json()["secret_api_token"]
    await outside.shown()
    assert (await outside.client.get(outside.url, headers={"Authorization": f"Bearer {fresh}"})).is_success
    await api.patch(f"{one}/delete_secret_token_backup/")
    assert (await outside.client.get(outside.url)).status_code == 401


async def test_where_conversations_are_off_no_token_is_good(outside, api, project):
    await api.patch(f"/api/projects/{project.id}/", json={"conversations_enabled": False})
    answer = await outside.client.get(outside.url)
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid API key"})


async def test_what_is_no_ticket_of_the_project_is_not_found(outside, mallory):
    theirs = await Desk(mallory, mallory.project).open()
    await outside.desk.delete(outside.ticket["id"])
    for id in (theirs["id"], outside.ticket["id"], str(uuid4()), "1", "nonsense", "%00"):
        for method in ("GET", "PATCH"):
            answer = await outside.client.request(method, PATH + id)
            assert (answer.status_code, answer.json()) == (404, {"error": "Ticket not found"})


async def test_other_verbs_are_not_allowed(outside):
    for method in ("POST", "PUT", "DELETE"):
        assert (await outside.client.request(method, outside.url)).status_code == 405


async def test_fields_are_changed_and_unknown_ones_ignored(outside, bob):
    who = {"type": "user", "id": bob.user_id}
    await outside.change(status="pending", priority="critical", assignee=who, number=99, unknown=True)
    found = await outside.shown()
    assert (found["status"], found["priority"], found["assignee"]) == ("pending", "critical", who)
    assert found["number"] == 1
    await outside.change(priority=None, assignee=None)
    found = await outside.shown()
    assert (found["priority"], found["assignee"]) == (None, None)


async def test_a_snooze_moves_the_status_as_everywhere(outside):
    await outside.change(snoozed_until="2031-01-01T00:00:00Z")
    assert (await outside.shown())["status"] == "on_hold"
    await outside.change(snoozed_until=None)
    assert (await outside.shown())["status"] == "open"
    await outside.change(snoozed_until="2031-01-01T00:00:00Z", status="pending")
    assert (await outside.shown())["status"] == "pending"


async def test_an_amount_of_time_makes_a_due_time(outside, clock):
    clock.freeze(datetime(2026, 1, 8, 16, tzinfo=UTC))
    week = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    hours = {"days": week, "time": ["09:00", "17:00"], "timezone": "UTC"}
    for fields, due in (
        ({"sla_amount": 10, "sla_business_hours": hours}, "2026-01-12T10:00:00Z"),
        ({"sla_amount": 10}, "2026-01-09T02:00:00Z"),
        ({"sla_amount": 0.5, "sla_unit": "day"}, "2026-01-09T04:00:00Z"),
        ({"sla_amount": "30", "sla_unit": "minute", "sla_business_hours": None}, "2026-01-08T16:30:00Z"),
        ({"sla_due_at": None}, None),
    ):
        await outside.change(**fields)
        assert (await outside.shown())["sla"] == due


@pytest.mark.parametrize(
    "fields",
    [
        {"sla_amount": 1, "sla_due_at": "2031-01-01T00:00:00Z"}, {"sla_amount": 1, "sla_due_at": None},
        {"sla_amount": 0}, {"sla_amount": -1}, {"sla_amount": "nan"}, {"sla_amount": "inf"}, {"sla_amount": "x"},
        {"sla_amount": 366, "sla_unit": "day"}, {"sla_amount": 1, "sla_unit": "week"},
        {"sla_amount": 1, "sla_business_hours": {"days": ["monday"], "time": ["22:00", "06:00"]}},
        {"sla_amount": 1, "sla_business_hours": "x"}, {"sla_due_at": "tomorrow"}, {"status": "closed"},
        {"priority": "x"}, {"status": None}, {"snoozed_until": 5}, {"assignee": "bob"},
        {"assignee": {"type": "user", "id": 2**31 - 1}}, {"tags": "a"}, {"tags": ["x" * 201]},
        {"tags": [str(n) for n in range(101)]}, {"tags": ["b"], "tags_mode": "replace"}, {"tags": ["b\x00"]},
        {"tags": [str(n) for n in range(100)]},
    ],
)  # fmt: skip
async def test_what_is_wrong_changes_nothing(outside, fields):
    assert await outside.refused(**{"priority": "high", **fields})


async def test_the_change_shown_in_the_documents_is_due_when_they_say(outside, clock):
    clock.freeze(datetime(2026, 1, 8, 15, tzinfo=UTC))  # a Thursday, 16:00 in Berlin
    (body,) = re.findall(r"json=(\{\n.*?\n    \}),\n", DOCUMENT.read_text(), re.DOTALL)
    await outside.change(**ast.literal_eval(body))
    found = await outside.shown()
    assert (found["priority"], found["tags"], found["sla"]) == ("high", ["a", "vip"], "2026-01-12T09:00:00Z")


async def test_tags_are_added_set_or_removed(outside):
    for fields, tags in (
        ({"tags": ["B ", "b"]}, ["a", "b"]),
        ({"tags": ["c"], "tags_mode": "add"}, ["a", "b", "c"]),
        ({"tags": ["b", "zzz"], "tags_mode": "remove"}, ["a", "c"]),
        ({"tags": ["d"], "tags_mode": "set"}, ["d"]),
        ({"tags": [], "tags_mode": "set"}, []),
    ):
        await outside.change(**fields)
        assert (await outside.shown())["tags"] == tags


async def test_a_form_will_do(outside):
    answer = await outside.client.patch(outside.url, data={"status": "open", "sla_amount": "2"})
    assert answer.json() == {"ok": True} and (await outside.shown())["sla"] is not None
    broken = await outside.client.patch(
        outside.url, content="{", headers={"Content-Type": "application/json"}
    )
    assert broken.status_code == 400 and broken.json().keys() == {"error"}


async def test_the_log_says_which_flow_made_a_change(outside):
    flow = str(uuid4())
    await outside.change(headers={"X-PostHog-Hog-Flow-Id": flow}, status="open")
    await outside.change(headers={"X-PostHog-Hog-Flow-Id": "no uuid"}, status="pending")
    await outside.change(status="pending")
    second, first, _ = await outside.history()
    assert first["user"] is None and second["user"] is None
    assert first["detail"]["trigger"] == {"job_type": "hog_flow", "job_id": flow}
    assert "trigger" not in second["detail"]


async def test_no_event_follows(outside, services, project, bob):
    async def announced():
        of_project = (outbox.c.project_id == project.id, outbox.c.name == "project.event_captured")
        sent = select(func.count()).select_from(outbox).where(*of_project)
        stored = select(func.count()).select_from(event).where(event.c.project_id == project.id)
        async with services.database.transaction(write=False) as db:
            return [(await db.execute(count)).scalar_one() for count in (sent, stored)]

    before = await announced()
    who = {"type": "user", "id": bob.user_id}
    await outside.change(status="resolved", priority="high", assignee=who, tags=["b"], sla_amount=1)
    assert await announced() == before


async def test_programs_have_limits_where_limits_are_on(outside, settings, project):
    secret = f"Bearer {project.secret_api_token}"
    async with (
        limited_app(settings, "on") as made,
        client_at(made, "192.0.2.1", Authorization=secret) as client,
    ):
        found = [(await client.get(outside.url)).status_code for _ in range(120)]
        assert set(found) == {200}
        answer = await client.get(outside.url)
    assert answer.status_code == 429 and answer.json().keys() == {"error"}
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_a_wake_up_by_program_does_not_wait(outside, clock):
    now = clock.freeze()
    await outside.change(snoozed_until=(now + timedelta(hours=1)).isoformat())
    assert datetime.fromisoformat((await outside.shown())["snoozed_until"]) == now + timedelta(hours=1)
