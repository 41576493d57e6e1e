"""Test addresses: what is written from them is kept, and nothing ever leaves."""

from base64 import b64encode
from uuid import UUID

import pytest
from sqlalchemy import update

from parley.email.channels.actions import disconnect_channel
from parley.email.channels.jobs import check_domains
from parley.email.channels.queries import channel_by_id, domains_to_check
from parley.email.channels.renewal import renew_unreadable_keys
from parley.email.channels.tests.channels import make_channel
from parley.email.outbound.jobs import call_for_due_mails
from parley.email.outbound.tables import outbound_email, outbound_recipient
from parley.kernel.network.mail import Mailer
from tests.plain_browser import window_of
from tests.smtp_peer import smtp_peer

CHANNELS = "/api/projects/{}/conversations/email_channels/"


@pytest.fixture
async def peer(services, queue):
    """A mail server that the application uses."""
    before = services.mailer
    await queue.drain()
    async with smtp_peer() as made:
        services.mailer = Mailer(made.url, services.settings.data_dir, "http://parley.test")
        yield made
    services.mailer = before


async def connect(member, address="help@try.example", **more):
    body = {"from_email": address, "from_name": "Help", "is_test": True, **more}
    return await member.client.post(CHANNELS.format(member.project_id), json=body)


async def go_out(services, queue):
    await queue.drain()
    async with services.database.transaction() as db:
        await call_for_due_mails(db, services)
    await queue.drain()


async def composed(cast, member, channel_id, to="ada@customer.example"):
    path = f"/api/projects/{member.project_id}/conversations/tickets/compose/"
    body = {
        "recipient_email": to,
        "email_config_id": channel_id,
        "email_subject": "Fern",
        "message": "It left.",
    }
    answer = await member.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def wait_for_answer(window, queue):
    await queue.drain()
    await window.open(window.path)


async def test_a_conversation_goes_to_and_fro_and_nothing_is_mailed(cast, services, queue, peer):
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.alice)
    await window.open("/settings/email")
    await window.press("Make a test address")
    assert window.page.one(role="status").text.startswith("The test address is there.")
    await services.live.publish("accounts", "project.changed")
    await window.follow("Write from it")
    await window.press(
        "Send", recipient_email="ada@customer.example", email_subject="Fern", message="It left."
    )
    assert window.path == "/inbox/1"
    await go_out(services, queue)
    await window.open("/inbox/1")
    assert "Kept here: test address. Nothing was mailed to ada@customer.example." in window.page.text
    assert "Nothing leaves this server" in window.page.one(role="note").text
    await window.open("/settings/outgoing")
    assert "to ada@customer.example" in window.page.one("section", aria_labelledby="kept").text
    await window.follow("Read")
    headers = dict(zip(window.page.texts("dt"), window.page.texts("dd"), strict=True))
    assert headers["To"] == "ada@customer.example" and headers["Subject"] == "Fern"
    assert "It left." in window.page.one("article").text and "Message-ID:" in window.page.one("pre").text
    await window.press("Send as the customer", text=" ")
    assert window.status == 422 and window.page.one(role="alert").text == "Write what the customer answers."
    await window.press("Send as the customer", text="It came, thank you!")
    assert window.path == "/inbox/1"
    await wait_for_answer(window, queue)
    assert "It came, thank you!" in window.page.text
    [mail] = (await cast.alice.client.get(INBOUND.format(cast.alice.project_id))).json()["results"]
    assert (mail["source"], mail["state"], mail["is_authenticated"]) == ("test", "merged", False)
    assert peer.taken == []


INBOUND = "/api/projects/{}/conversations/inbound_messages/"


async def test_what_is_moved_to_another_conversation_is_no_longer_read_here(cast, services, queue, desk):
    """Who may read this conversation may not be one of those who may read the other."""
    made = (await connect(cast.alice)).json()
    await services.live.publish("accounts", "project.changed")
    ticket = await composed(cast, cast.alice, made["id"])
    said = await desk.say(ticket, "A matter of its own")
    await go_out(services, queue)
    window = await window_of(cast, cast.alice)
    await window.open("/inbox/1/test-mail")
    assert "A matter of its own" in window.page.text
    path = f"{desk.tickets}{ticket['id']}/split/"
    assert (await cast.alice.client.post(path, json={"message_ids": [said["id"]]})).status_code == 201
    await window.open("/inbox/1/test-mail")
    assert "It left." in window.page.text and "A matter of its own" not in window.page.text


async def test_names_of_files_are_shown_and_what_is_in_them_is_not_read(cast, services, queue, desk):
    made = (await connect(cast.alice)).json()
    await services.live.publish("accounts", "project.changed")
    ticket = await composed(cast, cast.alice, made["id"])
    files = f"/api/projects/{cast.alice.project_id}/conversations/files/"
    stored = await cast.alice.client.post(
        files, files={"file": ("receipt.txt", b"Paid in full", "text/plain")}
    )
    answer = {"message": "See the receipt", "file_ids": [stored.json()["id"]]}
    assert (
        await cast.alice.client.post(f"{desk.tickets}{ticket['id']}/reply/", json=answer)
    ).status_code == 201
    await go_out(services, queue)
    window = await window_of(cast, cast.alice)
    await window.open("/inbox/1/test-mail")
    newest = window.page.all("article")[0].text
    assert "Files: receipt.txt" in newest and "without its files" in newest
    assert "Paid in full" not in newest and b64encode(b"Paid in full").decode() not in newest


async def test_a_customer_writes_first(cast, services, queue):
    made = (await connect(cast.alice)).json()
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.alice)
    await window.open(f"/settings/email/{made['id']}")
    await window.follow("Write to it as a customer")
    await window.press("Send as the customer", from_address="ada", text="Where is it?")
    assert window.page.one("input", id="from_address")["aria-invalid"] == "true"
    await window.press("Send as the customer", from_address="ada@customer.example", subject="My fern")
    await queue.drain()
    await window.open("/inbox/1")
    assert "Where is it?" in window.page.text and "ada@customer.example" in window.page.text


@pytest.mark.parametrize("address", ["jürgen@customer.example", "ü@exämple.test", "a+b@customer.example"])
async def test_a_customer_has_any_address_that_a_conversation_may_have(cast, services, queue, address):
    made = (await connect(cast.alice)).json()
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.alice)
    await window.open(f"/settings/email/{made['id']}/write-as-customer")
    await window.press("Send as the customer", from_address=address, subject="My fern", text="Where is it?")
    assert window.status == 200, window.page.text
    await queue.drain()
    await window.open("/inbox/1/test-mail")
    assert address in window.page.text
    await window.press("Send as the customer", text="It came, thank you!")
    await queue.drain()
    await window.open("/inbox/1")
    assert "It came, thank you!" in window.page.text
    mails = (await cast.alice.client.get(INBOUND.format(cast.alice.project_id))).json()["results"]
    assert [mail["state"] for mail in mails] == ["merged", "stored"]


@pytest.mark.parametrize(
    "domain", ["shop.com", "example.com", "example.org", "localhost.dev", "test.example.net"]
)
async def test_a_real_domain_is_refused(alice, domain):
    answer = await connect(alice, f"help@{domain}")
    assert answer.status_code == 400 and answer.json()["attr"] == "from_email"


async def test_a_channel_stays_what_it_is(services, alice):
    await make_channel(services, alice, "support@real.example", is_verified=False)
    refused = await connect(alice, "help@real.example")
    assert "Take another one for a test address" in refused.json()["detail"]
    made = (await connect(alice)).json()
    refused = await connect(alice, "sales@try.example", is_test=False)
    assert "nothing is sent" in refused.json()["detail"]
    path = CHANNELS.format(alice.project_id) + made["id"]
    await alice.client.patch(f"{path}/", json={"is_test": False})
    answer = await alice.client.patch(f"{path}/", json={"is_default": True})
    assert answer.status_code == 400
    shown = (await alice.client.get(f"{path}/")).json()
    assert (shown["is_test"], shown["is_default"], shown["domain_verified"]) == (True, False, True)
    assert (await alice.client.post(f"{path}/verify/")).json()["domain_verified"]
    assert (await alice.client.post(f"{path}/send_test/")).status_code == 400
    mailbox = {"host": "imap.x.example", "username": "u", "password": "p"}
    assert (await alice.client.put(f"{path}/imap/", json=mailbox)).status_code == 400


async def test_it_is_proved_for_good_and_proves_nothing(services, alice, mallory, clock):
    made = (await connect(alice)).json()
    async with services.database.transaction() as db:
        due = await domains_to_check(db, services.clock.now(), 1000)
        assert (alice.project_id, "try.example") not in due
        await check_domains(db, services)
        await renew_unreadable_keys(db, services)
    assert (await connect(mallory)).status_code == 201  # the same address, elsewhere
    assert (await alice.client.get(CHANNELS.format(alice.project_id) + made["id"] + "/")).json()[
        "domain_verified"
    ]


async def test_answers_to_others_never_go_by_it(services, queue, alice, desk, peer):
    await connect(alice)
    opened = await desk.open(email="ada@customer.example")
    await desk.say(opened, "Hello")
    await go_out(services, queue)
    assert peer.taken == []
    route = (await alice.client.get(f"{desk.tickets}{opened['id']}/reply_route/")).json()
    assert (route["kind"], route["reason"]) == ("widget", "no_verified_channel")


@pytest.mark.parametrize("is_waiting", [False, True])
async def test_once_it_is_disconnected_its_conversations_go_nowhere_else(
    cast, services, queue, alice, desk, peer, is_waiting
):
    """Also a mail that still waited: the project's real address must not take it over."""
    await make_channel(services, alice)
    made = (await connect(alice)).json()
    await services.live.publish("accounts", "project.changed")
    ticket = await composed(cast, alice, made["id"])
    await go_out(services, queue)
    async with services.database.transaction() as db:
        if is_waiting:
            mine = update(outbound_email).where(outbound_email.c.project_id == alice.project_id)
            await db.execute(mine.values(state="waiting", next_at=services.clock.now()))
            people = update(outbound_recipient).where(outbound_recipient.c.project_id == alice.project_id)
            await db.execute(people.values(state="waiting"))
        channel = await channel_by_id(db, alice.project_id, UUID(made["id"]))
        assert channel is not None
        await disconnect_channel(db, services, channel)
    await go_out(services, queue)
    opened = (await alice.client.get(f"{desk.tickets}{ticket['id']}/")).json()
    await desk.say(opened, "Once more")
    await go_out(services, queue)
    assert peer.taken == []
    route = (await alice.client.get(f"{desk.tickets}{ticket['id']}/reply_route/")).json()
    assert (route["kind"], route["reason"]) == ("none", "test_address_gone")


async def merged(cast, ticket, into):
    path = f"/api/projects/{cast.alice.project_id}/conversations/tickets/{ticket['id']}/merge/"
    answer = await cast.alice.client.post(path, json={"into": into["ticket_number"]})
    assert answer.status_code == 200, answer.text


async def test_the_customer_of_a_test_is_mailed_nothing_after_a_merge_into_a_real_conversation(
    cast, services, queue, peer, desk
):
    """Also through another conversation, and when the test address is gone."""
    real = await make_channel(services, cast.alice)
    test = (await connect(cast.alice)).json()
    await services.live.publish("accounts", "project.changed")
    to = {
        "otto": str(real.id),
        "rita": str(real.id),
        "ada": test["id"],
        "eve": test["id"],
        "rita ": test["id"],
    }
    made = {
        name: await composed(cast, cast.alice, channel, f"{name.strip()}@customer.example")
        for name, channel in to.items()
    }
    participants = f"{desk.tickets}{made['ada']['id']}/participants/"
    added = await cast.alice.client.post(participants, json={"email": "guest@customer.example"})
    assert added.status_code == 201, added.text
    await go_out(services, queue)
    peer.taken.clear()
    for name, into in (("ada", "eve"), ("eve", "otto"), ("rita ", "otto"), ("rita", "otto")):
        await merged(cast, made[name], made[into])
    route = (await cast.alice.client.get(f"{desk.tickets}{made['otto']['id']}/reply_route/")).json()
    assert [*route["cc"], *route["alone"]] == ["rita@customer.example"]
    await desk.say(made["otto"], "For the real ones")
    await go_out(services, queue)
    mailed = {"otto@customer.example", "rita@customer.example"}
    assert {one for mail in peer.taken for one in mail.recipients} == mailed
    assert (
        await cast.alice.client.delete(f"{CHANNELS.format(cast.alice.project_id)}{test['id']}/")
    ).status_code == 204
    await services.live.publish("accounts", "project.changed")
    await desk.say(made["otto"], "Once more")
    await go_out(services, queue)
    assert {one for mail in peer.taken for one in mail.recipients} == mailed


async def test_a_repeated_request_of_a_program_brings_one_mail(cast, queue, alice, desk):
    made = (await connect(alice)).json()
    ticket = await composed(cast, alice, made["id"])
    answer = {"message": "It came"}, f"{desk.tickets}{ticket['id']}/answer_as_customer/"
    first = {"from_address": "bo@customer.example", "message": "Where is mine?"}
    for body, path in (
        answer,
        (first, f"{CHANNELS.format(alice.project_id)}{made['id']}/write_as_customer/"),
    ):
        once = {"Idempotency-Key": "once"}
        answers = [await alice.client.post(path, json=body, headers=once) for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201] and answers[0].json() == answers[1].json()
        assert (
            await alice.client.post(path, json={**body, "message": "Else"}, headers=once)
        ).status_code == 422
    mails = (await alice.client.get(INBOUND.format(alice.project_id))).json()["results"]
    assert len(mails) == 2
