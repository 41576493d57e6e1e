"""Mail that comes back."""

import pytest

from parley.email.outbound.actions.bounces import note_bounce
from parley.email.parsing.schemas import BouncedRecipient, ParsedBounce


def bounce_of(address, *, kind="hard", status="5.1.1", words="550 no such user"):
    about = BouncedRecipient(address, kind, status, words)
    return ParsedBounce(kind, status, (about,), None, about.diagnostic)


@pytest.fixture
def come_back(services, project):
    """Tell of a mail that has come back."""

    async def note(mail, bounce, project_id=None):
        async with services.database.transaction() as db:
            return await note_bounce(db, services, project_id or project.id, mail["Message-ID"], bounce)

    return note


async def deliveries(alice, desk, said):
    answer = await alice.client.get(f"{desk.tickets}{said['item_id']}/messages/{said['id']}/deliveries/")
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def test_a_message_says_that_its_mail_came_back_and_why(post, desk, alice, come_back):
    said = await desk.say(await post.ticket(), "Hello")
    [mail] = await post.go_out()
    found = await come_back(mail, bounce_of("Ada@example.com"))
    assert [str(id) for id in found.comment_ids] == [said["id"]]
    assert await come_back(mail, bounce_of("ada@example.com")) == found
    assert await post.status(said) == "failed"
    [one] = await deliveries(alice, desk, said)
    assert (one["state"], one["reason"]) == ("failed", "bounced")
    [recipient] = one["recipients"]
    assert (recipient["state"], recipient["bounce"]) == ("bounced", "5.1.1 550 no such user")
    assert recipient["answer"].startswith("250")


async def test_a_delay_is_shown_and_is_no_failure(post, desk, alice, come_back):
    said = await desk.say(await post.ticket(), "Hello")
    [mail] = await post.go_out()
    await come_back(mail, bounce_of("ada@example.com", kind="soft", status="4.4.1", words="451 4.4.1 later"))
    [one] = await deliveries(alice, desk, said)
    assert (one["state"], one["recipients"][0]["state"]) == ("sent", "accepted")
    assert one["recipients"][0]["bounce"] == "451 4.4.1 later"  # the code is said once


async def test_a_copy_that_comes_back_leaves_the_mail_sent(post, desk, alice, come_back):
    opened = await post.ticket()
    await alice.client.post(f"{desk.tickets}{opened['id']}/participants/", json={"email": "c@example.com"})
    said = await desk.say(opened, "Hello")
    [mail] = await post.go_out()
    await come_back(mail, bounce_of("c@example.com"))
    await come_back(mail, bounce_of("somebody@else.example"))
    [one] = await deliveries(alice, desk, said)
    assert [(to["kind"], to["state"]) for to in one["recipients"]] == [("to", "accepted"), ("cc", "bounced")]
    assert await post.status(said) == "sent"


async def test_after_three_bounces_in_a_row_nothing_is_sent_until_somebody_reopens(
    post, desk, alice, bob, come_back
):
    opened = await post.ticket()
    for n in range(3):
        await desk.say(opened, f"No. {n}")
        mails = await post.go_out()
        await come_back(mails[-1], bounce_of("ada@example.com"))
    last = await desk.say(opened, "No. 3")
    assert len(await post.go_out()) == 3 and await post.status(last) == "failed"
    route = (await alice.client.get(f"{desk.tickets}1/reply_route/")).json()
    assert (route["kind"], route["reason"]) == ("none", "address_bounced")
    addresses = "/api/projects/@current/conversations/outbound_addresses/"
    [closed] = (await alice.client.get(addresses)).json()["results"]
    assert (closed["address"], closed["hard_bounces"]) == ("ada@example.com", 3)
    assert (
        await bob.client.post(f"{addresses}reopen/", json={"address": "ada@example.com"})
    ).status_code == 403
    for body, status in (({"address": "Ada@example.com"}, 204), ({"address": "x"}, 400), ({}, 400)):
        assert (await alice.client.post(f"{addresses}reopen/", json=body)).status_code == status
    await desk.say(opened, "No. 4")
    assert len(await post.go_out()) == 4


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_fellow_recipient_closes_nobodys_address(post, desk, alice, come_back, is_late):
    opened = await post.ticket()
    people = f"{desk.tickets}{opened['id']}/participants/"
    if not is_late:
        await alice.client.post(people, json={"email": "eve@example.com"})
    for n in range(3):
        await desk.say(opened, f"No. {n}")
        mails = await post.go_out()
    if is_late:  # the references of a later mail name the earlier ones
        await alice.client.post(people, json={"email": "eve@example.com"})
        await desk.say(opened, "Hello both")
        await post.go_out()
    for mail in mails[:3]:
        await come_back(mail, bounce_of("ada@example.com"))
    route = (await alice.client.get(f"{desk.tickets}1/reply_route/")).json()
    assert (route["address"], route["reason"]) == ("ada@example.com", "")


@pytest.mark.parametrize("status", ["5.7.1", "5.2.2", "4.2.2"])
async def test_what_says_nothing_of_the_address_never_closes_it(post, desk, alice, come_back, status):
    opened = await post.ticket()
    for n in range(4):
        await desk.say(opened, f"No. {n}")
        mails = await post.go_out()
        assert len(mails) == n + 1
        await come_back(mails[-1], bounce_of("ada@example.com", status=status))


async def test_a_bounce_of_another_project_or_of_nothing_of_ours_changes_nothing(
    post, desk, mallory, come_back
):
    said = await desk.say(await post.ticket(), "Hello")
    [mail] = await post.go_out()
    assert await come_back(mail, bounce_of("ada@example.com"), mallory.project_id) is None
    assert await come_back({"Message-ID": "<made.up@example.com>"}, bounce_of("ada@example.com")) is None
    assert await post.status(said) == "sent"


async def test_deliveries_are_for_those_who_see_the_ticket(post, desk, alice, mallory):
    said = await desk.say(await post.ticket(), "Hello")
    await post.go_out()
    path = f"{desk.tickets}{said['item_id']}/messages/{said['id']}/deliveries/"
    assert (await mallory.client.get(path)).status_code in (403, 404)
    for other in (said["item_id"], "x"):
        missing = f"{desk.tickets}{said['item_id']}/messages/{other}/deliveries/"
        assert (await alice.client.get(missing)).status_code == 404
