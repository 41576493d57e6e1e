"""The ledger: listed, shown raw, replayed, and for whom."""

import pytest

from parley.email.inbound.queries import ledger
from parley.email.inbound.tests.mailbox import mail, make_mailbox


@pytest.fixture
def path(alice):
    return f"/api/projects/{alice.project_id}/conversations/inbound_messages/"


async def listed(member, path, **query):
    answer = await member.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def test_every_mail_is_listed_with_its_fate(mailbox, alice, path):
    first = await mailbox.get(mail(subject="Grüße aus Köln"))
    second = await mailbox.get(mail(sender=mailbox.channel.from_email))
    found = await listed(alice, path)
    assert [one["id"] for one in found] == [str(second.id), str(first.id)]
    assert [(one["state"], one["reason"]) for one in found] == [("ignored", "own_mail"), ("stored", None)]
    one = (await alice.client.get(f"{path}{first.id}/")).json()
    assert one == found[1]
    assert (one["ticket_number"], one["has_raw"], one["source"], one["attempts"]) == (1, True, "smtp", 1)


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ({}, 3),
        ({"state": "stored"}, 2),
        ({"state": "stored, ignored"}, 3),
        ({"state": "nonsense"}, 3),
        ({"source": "imap"}, 0),
        ({"source": "nonsense"}, 3),
        ({"from_address": "ADA@example.com"}, 1),
        ({"message_id": "<known@example.com>"}, 1),
        ({"search": "grüsse"}, 1),
        ({"search": "x" * 300}, 3),
        ({"search": "%"}, 0),
        ({"channel_id": "00000000-0000-0000-0000-000000000000"}, 0),
        ({"ticket_id": "nonsense"}, 3),
        ({"date_from": "2020-01-01T00:00:00Z"}, 3),
        ({"date_to": "2020-01-01T00:00:00Z"}, 0),
        ({"date_from": "nonsense", "after_mark": "nonsense", "limit": "x"}, 3),
        ({"search": "\x00"}, 3),
    ],
)
async def test_filters_narrow_the_list(mailbox, alice, path, query, n):
    await mailbox.get(mail(subject="Grüße", message_id="<known@example.com>"))
    await mailbox.get(mail(sender="eve@example.net"))
    await mailbox.get(mail(sender=mailbox.channel.from_email))
    assert len(await listed(alice, path, **query)) == n


async def test_pages_follow_each_other(mailbox, alice, path):
    for _ in range(5):
        await mailbox.take(mail())
    seen, url = [], f"{path}?limit=2"
    while url:
        page = (await alice.client.get(url)).json()
        seen += [one["id"] for one in page["results"]]
        url = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


async def test_a_page_of_a_search_reads_some_rows_and_the_next_goes_on_behind_them(
    mailbox, alice, path, monkeypatch
):
    monkeypatch.setattr(ledger, "LOOKED_AT", 2)
    wanted = [await mailbox.take(mail(subject=f"Needle {n}" if n % 4 == 0 else "Hay")) for n in range(9)]
    pages, url = [], f"{path}?search=needle&source=smtp&channel_id={mailbox.channel.id}"
    while url:
        page = (await alice.client.get(url)).json()
        pages.append([one["id"] for one in page["results"]])
        url = page["next"]
    assert pages == [[str(wanted[8])], [], [str(wanted[4])], [], [str(wanted[0])]]


async def test_the_raw_mail_is_shown_as_text_only(mailbox, alice, path):
    raw = b"Content-Type: text/html\r\n\r\n<script>alert(1)</script>\xff"
    row = await mailbox.get(raw)
    answer = await alice.client.get(f"{path}{row.id}/raw/")
    assert answer.content == raw
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_replay_stores_what_was_ignored_and_nothing_twice(mailbox, alice, path, desk):
    await mailbox.get(mail(message_id="<1@x.example>"))
    await desk.delete(1)
    row = await mailbox.get(mail(in_reply_to="<1@x.example>"))
    assert row.reason == "deleted_thread"
    for _ in range(2):
        answer = await alice.client.post(f"{path}{row.id}/replay/")
        assert answer.status_code == 200, answer.text
        await mailbox.queue.drain()
    row = await mailbox.row(row.id)
    assert (row.state, row.ticket_number, row.attempts) == ("stored", 2, 2)
    assert answer.json()["comment_id"] == str(row.comment_id)
    assert (await desk.listed())["count"] == 1


async def test_a_rejected_mail_comes_in_once_the_project_takes_mail_again(mailbox, alice, path):
    own = f"/api/projects/{alice.project_id}/"
    await alice.client.patch(own, json={"conversations_settings": {"email_enabled": False}})
    row = await mailbox.get(mail())
    await alice.client.post(f"{path}{row.id}/replay/")
    await mailbox.queue.drain()
    assert (await mailbox.row(row.id)).state == "rejected"
    await alice.client.patch(own, json={"conversations_settings": {"email_enabled": True}})
    await alice.client.post(f"{path}{row.id}/replay/")
    await mailbox.queue.drain()
    assert (await mailbox.row(row.id)).state == "stored"


async def test_a_mail_whose_raw_form_is_gone_is_not_replayed(mailbox, alice, path, services):
    row = await mailbox.take(mail())
    await services.storage.delete([f"{alice.project_id}/inbound/{row.hex}"])
    await mailbox.queue.drain()
    found = await mailbox.row(row)
    assert (found.state, found.reason) == ("failed", "raw_gone")
    assert (await alice.client.get(f"{path}{row}/raw/")).status_code == 404


async def test_nobody_elses_mail_is_shown(mailbox, mallory, services, queue, alice, path):
    row = await mailbox.get(mail())
    theirs = await (await make_mailbox(services, queue, mallory)).get(mail())
    foreign = f"/api/projects/{mallory.project_id}/conversations/inbound_messages/"
    for method, tail in (("get", ""), ("get", "raw/"), ("post", "replay/")):
        send = getattr(mallory.client, method)
        assert (await send(f"{path}{row.id}/{tail}")).status_code in (403, 404)
        assert (await send(f"{foreign}{row.id}/{tail}")).status_code == 404
        assert (await getattr(alice.client, method)(f"{path}{theirs.id}/{tail}")).status_code == 404
        assert (await getattr(alice.client, method)(f"{path}nonsense/{tail}")).status_code == 404
    assert [one["id"] for one in await listed(mallory, foreign)] == [str(theirs.id)]


async def test_only_who_sees_every_ticket_sees_the_ledger(mailbox, alice, bob, path):
    row = await mailbox.get(mail())
    assert len(await listed(bob, path)) == 1
    controls = f"/api/projects/{alice.project_id}/conversations/tickets/1/access_controls/"
    member = (await alice.client.get(f"/api/organizations/{alice.organization_id}/members/")).json()[
        "results"
    ]
    bobs = next(one["id"] for one in member if one["user"]["email"] == bob.email)
    body = {"access_level": "none", "organization_member": bobs}
    assert (await alice.client.put(controls, json=body)).status_code == 200
    for method, tail in (
        ("get", ""),
        ("get", f"{row.id}/"),
        ("get", f"{row.id}/raw/"),
        ("post", f"{row.id}/replay/"),
    ):
        answer = await getattr(bob.client, method)(f"{path}{tail}")
        assert answer.status_code == 403, (tail, answer.text)
    assert len(await listed(alice, path)) == 1


async def test_keys_need_their_scope(mailbox, cast, alice, path):
    row = await mailbox.get(mail())
    reader = await cast.make_key(alice, ["ticket:read"])
    assert (await reader.get(path)).status_code == 200
    assert (await reader.post(f"{path}{row.id}/replay/")).status_code == 403
    other = await cast.make_key(alice, ["person:read"])
    assert (await other.get(f"{path}{row.id}/raw/")).status_code == 403
