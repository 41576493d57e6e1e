"""The webhook: who gets in, and what is kept of a form."""

from contextlib import ExitStack

import msgspec
import pytest

from parley.email.inbound.tests.mailbox import make_mailbox
from parley.email.mail_webhook import actions
from parley.email.mail_webhook.actions import forget_tokens
from parley.email.mail_webhook.routes import AT_ONCE
from parley.email.mail_webhook.tests.posted import SIGNING_KEY, posted, signed
from parley.kernel.errors import Throttled

PATH = "/api/conversations/v1/email/inbound"


async def _nothing_is_known(*_: object) -> list[object]:
    return []


@pytest.fixture
def door(services, monkeypatch, anonymous):
    """The client of a provider that has the signing key; the DNS knows of no signature."""
    monkeypatch.setattr(actions, "verified", _nothing_is_known)
    monkeypatch.setattr(
        services, "settings", msgspec.structs.replace(services.settings, mailgun_signing_key=SIGNING_KEY)
    )
    return anonymous


async def mailbox_of(services, queue, member):
    return await make_mailbox(services, queue, member)


async def test_a_posted_mail_becomes_a_ticket(door, services, queue, alice, desk):
    box = await mailbox_of(services, queue, alice)
    answer = await door.post(PATH, data=posted(box.address))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    await queue.drain()
    [row] = await box.rows()
    assert (row.state, row.source, row.envelope_from) == ("stored", "webhook", "ada@example.com")
    ticket = (await desk.listed())["results"][0]
    assert (ticket["identity_verified"], ticket["last_message_text"]) == (True, "Hello\n\n> quoted")


@pytest.mark.parametrize("listed", ["not JSON", ["[]", "[]"]], ids=["broken", "two"])
async def test_no_result_counts_beside_headers_that_nobody_can_read(
    door, services, queue, alice, desk, listed
):
    """The sender may have broken the list, or written one, so that their own field passes for the provider's."""
    box = await mailbox_of(services, queue, alice)
    assert (await door.post(PATH, data=posted(box.address, message_headers=listed))).status_code == 200
    await queue.drain()
    ticket = (await desk.listed())["results"][0]
    assert (ticket["identity_verified"], ticket["last_message_text"]) == (False, "Hello\n\n> quoted")


async def test_one_client_never_takes_all_places_of_the_door(door, services):
    theirs = (AT_ONCE.of_all, ""), (AT_ONCE.of_network, "203.0.113.9")
    with ExitStack() as taken:
        for _ in range(AT_ONCE.of_network.most):
            taken.enter_context(services.slots.taken(*theirs))
        with pytest.raises(Throttled):
            taken.enter_context(services.slots.taken(*theirs))
        assert (await door.post(PATH, data={"token": "x"})).status_code == 403


async def test_a_name_without_an_end_is_not_read_to_its_end(door):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert (await door.post(PATH, content=b"a" * 5000, headers=headers)).status_code == 413


async def test_an_answer_shows_the_stripped_text(door, services, queue, alice, desk):
    box = await mailbox_of(services, queue, alice)
    await door.post(PATH, data=posted(box.address, Message_Id="<first@example.com>"))
    second = posted(box.address, In_Reply_To="<first@example.com>", stripped_text="Only this")
    await door.post(PATH, data=second)
    await queue.drain()
    assert (await desk.listed())["results"][0]["last_message_text"] == "Only this"


@pytest.mark.parametrize("kind", ["data", "files"])
async def test_both_kinds_of_forms_say_the_same(door, services, queue, alice, kind):
    box = await mailbox_of(services, queue, alice)
    fields = posted(box.address, body_plain="Grüße & 100 % + mehr\n" * 5000, body_html="<p>Grüße</p>")
    given = {name: (None, value) for name, value in fields.items()} if kind == "files" else fields
    answer = await door.post(PATH, **{kind: given})
    assert answer.status_code == 200, answer.text
    await queue.drain()
    [row] = await box.rows()
    raw = await services.storage.read(f"{alice.project_id}/inbound/{row.id.hex}", 10**7)
    assert row.state == "stored"
    assert b"multipart/alternative" in raw
    path = f"/api/projects/{alice.project_id}/conversations/tickets/1/messages/"
    [message] = (await alice.client.get(path)).json()["results"]
    assert message["content"].startswith("Grüße & 100 % + mehr\nGrüße")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"signature": "0" * 64}, 403, "Invalid signature"),
        ({"signature": None}, 403, "Invalid signature"),
        ({"token": None, "recipient": "nonsense"}, 403, "Invalid signature"),
        (signed(age_s=400), 403, "Invalid signature"),
        ({"recipient": "nonsense"}, 400, "Invalid recipient"),
        ({"recipient": "team-xyz@inbound.localhost"}, 400, "Invalid recipient"),
        ({"recipient": None}, 400, "Invalid recipient"),
        ({"recipient": f"team-{'0' * 32}@inbound.localhost"}, 404, "Unknown recipient"),
    ],
)
async def test_others_are_turned_away(door, services, queue, alice, changes, status, error):
    box = await mailbox_of(services, queue, alice)
    answer = await door.post(PATH, data=posted(box.address, **changes))
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert await box.rows() == []


async def test_without_a_key_nobody_gets_in(services, queue, alice, anonymous):
    box = await mailbox_of(services, queue, alice)
    fields = posted(box.address, **signed(""))
    assert (await anonymous.post(PATH, data=fields)).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_only_post_is_allowed(door, method):
    assert (await door.request(method, PATH)).status_code == 405


async def test_a_signature_is_good_for_one_mail(door, services, queue, alice):
    box = await mailbox_of(services, queue, alice)
    first = posted(box.address)
    for _ in range(3):
        assert (await door.post(PATH, data=first)).status_code == 200
    stolen = {**first, "body-plain": "another mail", "Message-Id": "<other@example.com>"}
    assert (await door.post(PATH, data=stolen)).status_code == 403
    [row] = await box.rows()
    assert row.deliveries == 3
    async with services.database.transaction() as db:
        assert await forget_tokens(db, services.clock.now()) == 0


async def test_a_mail_that_could_not_be_kept_may_come_again_under_its_signature(
    door, services, queue, alice, monkeypatch
):
    from parley.kernel.storage.errors import StorageAway

    box = await mailbox_of(services, queue, alice)
    fields = posted(box.address)

    async def away(*_: object) -> None:
        raise StorageAway

    with monkeypatch.context() as patched:
        patched.setattr(services.storage, "put", away)
        answer = await door.post(PATH, data=fields)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert (await door.post(PATH, data=fields)).status_code == 200
    assert len(await box.rows()) == 1


async def test_a_switched_off_channel_and_a_mail_without_id_are_taken_too(door, services, queue, alice):
    box = await mailbox_of(services, queue, alice)
    own = f"/api/projects/{alice.project_id}/"
    await alice.client.patch(own, json={"conversations_settings": {"email_enabled": False}})
    assert (await door.post(PATH, data=posted(box.address, Message_Id=None))).status_code == 200
    await queue.drain()
    [row] = await box.rows()
    assert (row.state, row.reason) == ("rejected", "disabled")


async def test_a_whole_mail_is_kept_as_it_came(door, services, queue, alice):
    box = await mailbox_of(services, queue, alice)
    raw = b"From: ada@example.com\r\nMessage-ID: <whole@example.com>\r\n\r\nWhole\xff"
    fields = {name: (None, value) for name, value in posted(box.address, body_plain=None).items()}
    answer = await door.post(PATH, files={**fields, "body-mime": (None, raw)})
    assert answer.status_code == 200, answer.text
    [row] = await box.rows()
    assert await services.storage.read(f"{alice.project_id}/inbound/{row.id.hex}", 10**6) == raw


async def test_findings_that_a_sender_wrote_replace_nothing(door, services, queue, alice, desk):
    box = await mailbox_of(services, queue, alice)
    part = 'Content-Type: application/vnd.parley.provider-findings+json\n\n{"stripped_text":"forged"}\n'
    raw = (
        "From: ada@example.com\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\nWhat I wrote\n--b\n{part}--b--\n"
    )
    fields = {name: (None, value) for name, value in posted(box.address, body_plain=None).items()}
    await door.post(PATH, files={**fields, "body-mime": (None, raw.encode())})
    await queue.drain()
    assert (await desk.listed())["results"][0]["last_message_text"] == "What I wrote"
    [shown] = (await desk.client.get(f"{desk.comments}?scope=conversations_ticket")).json()["results"]
    assert len(shown["item_context"]["attachments"]) == 1


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"&&&==%%%", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"a&" * 2000, "application/x-www-form-urlencoded"),
    ],
)
async def test_broken_forms_are_refused(door, content, content_type):
    answer = await door.post(PATH, content=content, headers={"content-type": content_type})
    assert answer.status_code in (400, 403, 413), answer.text


async def test_nothing_that_a_stranger_writes_keeps_a_mail_out(door, services, queue, alice):
    """An odd name of a file, many headers, and NUL: with any answer but 200 the mail would come for hours, and be lost."""
    box = await mailbox_of(services, queue, alice)
    odd = posted(box.address, sender="a\x00b@example.com", X_Mailgun_Spf="Pa\x00ss")
    odd["message-headers"] = '[["DKIM-Signature", "d=a\\u0000b"], ["X-Mailgun-Dkim-Check-Result", "Pass"]]'
    assert (await door.post(PATH, data=odd)).status_code == 200
    many = posted(box.address) | {f"X-Header-{number}": "value" for number in range(300)}
    fields = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in many.items()
    )
    for number, name in enumerate((b"Gr\xfc\xdfe.txt", "Grüße".encode() * 1000)):
        file = b'--b\r\nContent-Disposition: form-data; name="attachment-%d"; filename="%s"\r\n\r\nx\r\n'
        body = fields.encode() + file % (number, name) + b"--b--\r\n"
        answer = await door.post(
            PATH, content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
        )
        assert answer.status_code == (200 if number == 0 else 403), answer.text  # one token, another mail
    await queue.drain()
    assert sorted(row.state for row in await box.rows()) == ["stored", "stored"]
