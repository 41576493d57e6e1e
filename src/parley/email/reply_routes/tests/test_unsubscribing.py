"""One click, and no more mail about the widget's conversations (RFC 8058)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from parley.email.reply_routes.unsubscribing import read_token, unsubscribe_token

ONE_CLICK = {
    "content": "List-Unsubscribe=One-Click",
    "headers": {"Content-Type": "application/x-www-form-urlencoded"},
}
LATER = timedelta(minutes=2, seconds=1)


@pytest.fixture
async def link(post, desk, clock):
    """Return the path of the link in a mail about an unread answer, whose ticket is number 1."""
    clock.freeze()
    await desk.say(await desk.open(email="ada@example.com"), "Hello")
    await post.go_out()
    clock.advance(LATER)
    [mail] = await post.go_out()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return urlsplit(mail["List-Unsubscribe"].strip().strip("<>")).path


async def test_one_click_stops_notices_and_no_answers_to_mails(link, post, desk, anonymous, alice, clock):
    for _ in range(2):
        answer = await anonymous.post(link, **ONE_CLICK)
        assert answer.status_code == 200 and "no more such mail" in answer.text
    await desk.say(await desk.ticket(1), "Unread")
    await post.go_out()
    clock.advance(LATER)
    assert len(await post.go_out()) == 1
    route = (await alice.client.get(f"{desk.tickets}1/reply_route/")).json()
    assert (route["kind"], route["reason"]) == ("widget", "unsubscribed")
    await desk.say(await post.ticket(distinct_id="by mail"), "An answer")
    assert len(await post.go_out()) == 2


async def test_who_only_opens_the_link_goes_on_getting_mail(link, post, anonymous, alice, desk):
    page = await anonymous.get(link)
    assert page.status_code == 200 and "ada@example.com" in page.text and "Stop these mails" in page.text
    await anonymous.head(link)
    assert (await alice.client.get(f"{desk.tickets}1/reply_route/")).json()["kind"] == "email"


async def test_nobody_makes_a_link(services, project, anonymous):
    good = unsubscribe_token(services.vault, project.id, "a b@example.com")
    link = read_token(services.vault, good)
    assert link is not None and link.address == "a b@example.com"
    other = services.vault.encrypt("something else 1 x@example.com")
    for token in (good[:-3], "x", other):
        for method in ("GET", "POST"):
            answer = await anonymous.request(method, f"/email/unsubscribe/{token}")
            assert answer.status_code == 404


async def test_a_mail_to_several_and_an_answer_to_a_mail_have_no_link(post, desk, alice, clock):
    await desk.say(await post.ticket(), "Hello")
    opened = await desk.open(email="bob@example.com", distinct_id="bob")
    await alice.client.post(f"{desk.tickets}{opened['id']}/participants/", json={"email": "c@example.com"})
    await desk.say(opened, "Hello")
    await post.go_out()
    clock.advance(LATER)
    assert [mail["List-Unsubscribe"] for mail in await post.go_out()] == [None, None]
