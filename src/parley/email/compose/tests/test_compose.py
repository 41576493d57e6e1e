"""The team begins conversations by mail."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from parley.email.channels.tests.channels import make_channel
from parley.email.compose.tables import composed_ticket
from parley.email.outbound.tests.conftest import channel, post

__all__ = ["channel", "post"]


class Composing:
    """Composes as alice, unless another client is given."""

    def __init__(self, desk, channel) -> None:
        self.desk, self.channel = desk, channel

    async def send(self, client=None, headers=None, **fields: Any):
        body = {
            "recipient_email": "ada@example.com",
            "email_config_id": str(self.channel.id),
            "email_subject": "Your order",
            "message": "It left this morning.",
            **fields,
        }
        url = f"{self.desk.tickets}compose/"
        return await (client or self.desk.client).post(url, json=body, headers=headers)

    async def composed(self, **fields: Any) -> dict[str, Any]:
        answer = await self.send(**fields)
        assert answer.status_code == 201, answer.text
        assert set(answer.json()) == {"id", "ticket_number"}
        ticket: dict[str, Any] = await self.desk.ticket(answer.json()["id"])
        return ticket


@pytest.fixture
async def composing(services, desk, channel) -> Composing:
    await services.live.publish("accounts", "project.changed")
    return Composing(desk, channel)


async def test_a_composed_conversation_is_an_open_ticket_whose_message_is_mailed(
    composing, post, desk, alice
):
    ticket = await composing.composed(recipient_email=" Ada@Example.com ", tags=["VIP ", "vip"])
    assert (ticket["channel_source"], ticket["channel_detail"], ticket["status"]) == ("email", None, "open")
    assert (ticket["email_from"], ticket["email_to"]) == ("ada@example.com", composing.channel.from_email)
    assert (ticket["distinct_id"], ticket["anonymous_traits"]) == (
        "ada@example.com",
        {"email": "ada@example.com"},
    )
    assert (ticket["identity_verified"], ticket["email_subject"], ticket["tags"]) == (
        None,
        "Your order",
        ["vip"],
    )
    assert (ticket["message_count"], ticket["unread_customer_count"], ticket["unread_team_count"]) == (
        1,
        1,
        0,
    )
    [message] = (await desk.client.get(f"{desk.tickets}{ticket['id']}/messages/")).json()["results"]
    assert (message["author_type"], message["is_private"], message["author_email"]) == (
        "human",
        False,
        alice.email,
    )
    [mail] = await post.go_out()
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Your order")
    assert mail.get_body(("plain",)).get_content().strip() == "It left this morning."
    await desk.say(ticket, "And arrives today.")
    assert (await post.go_out())[1]["Subject"] == "Re: Your order"


async def test_it_is_logged_and_told_like_every_opening(composing, desk):
    ticket = await composing.composed()
    log = await desk.client.get(
        f"/api/projects/{desk.project.id}/activity_log/", params={"item_id": ticket["id"]}
    )
    assert [one["activity"] for one in log.json()["results"]] == ["created"]
    events = await desk.client.get(f"/api/projects/{desk.project.id}/events/")
    names = [one["event"] for one in events.json()["results"]]
    assert {"$conversation_ticket_created", "$conversation_message_sent"} <= set(names)


async def test_the_same_request_begins_one_conversation_for_two_minutes(composing, desk, bob, post, clock):
    first = (await composing.send()).json()
    again = await composing.send(tags=["other"], recipient_email="ADA@example.com")
    assert (again.status_code, again.json()) == (200, first)
    others: list[dict[str, Any]] = [
        {"message": "Other words"}, {"email_subject": "Other"}, {"recipient_email": "bob@example.com"},
        {"rich_content": {"type": "doc"}}, {"recipient_distinct_id": "ada"}, {"client": bob.client},
        {"headers": {"Idempotency-Key": "another"}},
    ]  # fmt: skip
    for fields in others:
        answer = await composing.send(**fields)
        assert answer.status_code == 201, (fields, answer.text)
    keyed = await composing.send(headers={"Idempotency-Key": "another"})
    assert (keyed.status_code, keyed.headers.get("idempotent-replayed")) == (201, "true")
    clock.advance(timedelta(seconds=121))
    assert (await composing.send()).json()["ticket_number"] == len(others) + 2
    assert len(await post.go_out()) == len(others) + 2


async def test_two_at_once_begin_one_conversation(composing, post):
    answers = await asyncio.gather(*(composing.send() for _ in range(4)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(201) == 1 and set(statuses) <= {200, 201, 409}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["error_type"] == "compose_in_progress"
    assert len(await post.go_out()) == 1


async def test_a_deleted_conversation_may_be_begun_again_later(composing, desk, queue, clock, database):
    ticket = await composing.composed()
    await desk.delete(ticket["id"])
    assert (await composing.send()).json()["id"] == ticket["id"]
    clock.advance(timedelta(hours=1))
    for _ in range(2):
        await queue.run_job("compose.forget_old")
    async with database.transaction(write=False) as db:
        mine = select(func.count()).where(composed_ticket.c.project_id == desk.project.id)
        assert (await db.execute(mine)).scalar_one() == 0
    assert (await composing.send()).status_code == 201


async def test_whom_it_is_for_is_found_by_their_address_or_named(composing, desk, anonymous):
    for name in ("ada-1", "ada-2"):
        body = {"api_key": desk.project.api_token, "event": "$identify", "distinct_id": name}
        told = {
            "properties": {"$set": {"email": "Ada@example.com" if name == "ada-1" else "other@example.com"}}
        }
        assert (await anonymous.post("/e/", json=body | told)).status_code == 200
    assert (await composing.composed())["distinct_id"] == "ada-1"
    assert (await composing.composed(recipient_distinct_id="ada-1"))["distinct_id"] == "ada-1"
    assert (await composing.composed(recipient_distinct_id="nobody"))["distinct_id"] == "nobody"
    refused = await composing.send(recipient_distinct_id="ada-2")
    detail = "Recipient email does not match the person's email on file."
    assert (refused.status_code, refused.json()) == (400, {"detail": detail})


@pytest.mark.parametrize("way", ["unknown", "unverified", "foreign", "personal"])
async def test_a_channel_that_may_not_be_used_is_not_found(composing, services, alice, mallory, way):
    channel_id = uuid4()
    if way != "unknown":
        kind = "customer_communication" if way == "personal" else "support"
        owner = mallory if way == "foreign" else alice
        made = await make_channel(services, owner, f"{way}", kind=kind, is_verified=way != "unverified")
        channel_id = made.id
    if way == "unverified":
        made = await make_channel(services, alice, "x@unverified.example", is_verified=False)
        channel_id = made.id
    refused = await composing.send(email_config_id=str(channel_id))
    detail = "Email configuration not found or domain not verified."
    assert (refused.status_code, refused.json()) == (400, {"detail": detail})


async def test_where_mail_or_conversations_are_off_nothing_is_composed(composing, desk):
    url = f"/api/projects/{desk.project.id}/"
    await desk.client.patch(url, json={"conversations_settings": {"email_enabled": False}})
    refused = await composing.send()
    assert (refused.status_code, refused.json()) == (400, {"detail": "Email channel is not enabled."})
    await desk.client.patch(url, json={"conversations_enabled": False})
    refused = await composing.send()
    assert (refused.status_code, refused.json()) == (400, {"detail": "Support is not enabled."})


@pytest.mark.parametrize(
    ("fields", "attr", "detail"),
    [
        ({"recipient_email": "no address"}, "recipient_email", None), ({"recipient_email": None}, "recipient_email", None),
        ({"recipient_email": "a@example.com, b@example.com"}, "recipient_email", None),
        ({"email_config_id": "x"}, "email_config_id", None),
        ({"message": " \n\u200b"}, "message", "Message content is required."),
        ({"message": "x" * 5001}, "message", None), ({"email_subject": "x" * 501}, "email_subject", None),
        ({"recipient_distinct_id": "x" * 401}, "recipient_distinct_id", None),
        ({"rich_content": {"x": "y" * 100_000}}, "rich_content", "Rich content too large (max 100KB)."),
        ({"tags": ["x"] * 101}, "tags", None), ({"tags": ["x" * 256]}, "tags__0", None),
    ],
)  # fmt: skip
async def test_bad_input_is_named_by_field_and_begins_nothing(composing, desk, fields, attr, detail):
    refused = await composing.send(**fields)
    assert (refused.status_code, refused.json()["attr"]) == (400, attr)
    assert detail in (None, refused.json()["detail"])
    assert (await desk.listed())["count"] == 0


async def test_a_subject_forges_no_header_of_the_mail(composing, post):
    await composing.composed(email_subject="Hello\r\nBcc: eve@example.com\r\n\r\nBody")
    [mail] = await post.go_out()
    assert mail["Bcc"] is None and "eve" not in str(mail["To"])


async def test_who_may_not_open_tickets_composes_none(composing, desk, bob, mallory, cast):
    assert (await composing.send(client=mallory.client)).status_code in (403, 404)
    assert (await composing.send(client=cast.client())).status_code == 401
    url = f"/api/projects/{desk.project.id}/resource_access_controls/"
    body = {"resource": "ticket", "access_level": "viewer"}
    assert (await desk.client.put(url, json=body)).status_code == 200
    assert (await composing.send(client=bob.client)).status_code == 403
    assert (await desk.listed())["count"] == 0


async def test_a_ticket_of_the_api_may_be_answered_by_mail(composing, services, desk, alice, mallory, post):
    opened = await desk.open(
        email="ada@example.com", message="Hello?", email_config_id=str(composing.channel.id)
    )
    assert (opened["channel_source"], opened["channel_detail"]) == ("email", None)
    assert (opened["email_from"], opened["email_to"]) == ("ada@example.com", composing.channel.from_email)
    assert (opened["unread_team_count"], await post.go_out()) == (1, [])
    await desk.say(opened, "Here we are.")
    assert [mail["To"] for mail in await post.go_out()] == ["ada@example.com"]
    foreign = await make_channel(services, mallory)
    personal = await make_channel(services, alice, "me", kind="customer_communication")
    for given in (foreign.id, personal.id, uuid4(), "x", 5, "", True):
        body = {"email": "ada@example.com", "email_config_id": given if given in (5, True) else str(given)}
        refused = await desk.client.post(desk.tickets, json=body)
        assert (refused.status_code, refused.json()["attr"]) == (400, "email_config_id")


async def test_files_go_along_once(composing, desk, post, bob):
    url = f"/api/projects/{desk.project.id}/conversations/files/"
    uploaded = await desk.client.post(url, files={"file": ("bill.txt", b"12 EUR")})
    assert uploaded.status_code == 201, uploaded.text
    file_ids = [uploaded.json()["id"]]
    refused = await composing.send(client=bob.client, file_ids=file_ids)
    assert (refused.status_code, refused.json()["attr"]) == (400, "file_ids")
    await composing.composed(file_ids=file_ids)
    [mail] = await post.go_out()
    [attached] = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("bill.txt", "12 EUR")


async def test_a_composed_conversation_is_found_by_the_name_that_the_team_gives_its_customer(composing, desk):
    ticket = await composing.composed(recipient_name=" Mina Nowak ")
    assert ticket["anonymous_traits"] == {"name": "Mina Nowak", "email": "ada@example.com"}
    for search in ("nowak mina", "ada@example.com"):
        assert [one["id"] for one in (await desk.listed(search=search))["results"]] == [ticket["id"]]
    unnamed = await composing.composed(recipient_name="\u200b", message="Another one")
    assert unnamed["anonymous_traits"] == {"email": "ada@example.com"}
    refused = await composing.send(recipient_name="x" * 201)
    assert (refused.status_code, refused.json()["attr"]) == (400, "recipient_name")
