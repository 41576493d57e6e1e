"""Invitations, and the link that ends a subscription."""

from datetime import timedelta
from urllib.parse import urlsplit

from parley.analytics.subscriptions.tests.subscribing import change, path_of, subscribe
from parley.analytics.subscriptions.unsubscribe_tokens import ReportUnsubscription, unsubscribe_url


async def test_new_recipients_are_invited_and_others_hear_nothing(alice, queue, sent_mail):
    made = await subscribe(
        alice, target_value=f"ada@example.com, {alice.email}", title="Ours", invite_message="Look\nhere"
    )
    await queue.drain()
    mails = {str(mail["To"]): mail for mail in sent_mail}
    assert mails["ada@example.com"]["Subject"] == "Alice subscribed you to a Parley insight"
    assert mails[alice.email]["Subject"] == "You have been subscribed to a Parley insight"
    text = mails["ada@example.com"].get_content()
    assert "> Look\n> here\n" in text.replace("\r\n", "\n") and "This subscription is sent every day." in text
    assert f"/subscriptions/{made['id']}?utm_source=parley" in text
    await change(alice, made, target_value="ADA@example.com,bob@example.com")
    await queue.drain()
    assert sorted(str(mail["To"]) for mail in sent_mail) == sorted([*mails, "bob@example.com"])


async def test_days_are_those_of_the_project(alice, queue, sent_mail):
    path = f"/api/projects/{alice.project_id}/"
    assert (await alice.client.patch(path, json={"timezone": "Asia/Tokyo"})).status_code == 200
    rule = {"frequency": "weekly", "byweekday": ["monday"], "start_date": "2040-01-01T23:00:00Z"}
    await subscribe(alice, **rule)  # on Mondays at eight
    await queue.drain()
    [mail] = sent_mail
    assert "sent on Monday January 02, 2040" in mail.get_content()


async def test_what_is_paused_invites_nobody(alice, queue, sent_mail):
    made = await subscribe(alice, enabled=False)
    await change(alice, made, deleted=True, target_value="bob@example.com")
    await queue.drain()
    assert len(sent_mail) == 0


def link(services, made, email, project_id, *, age=timedelta()):
    named = ReportUnsubscription(made["id"], email, project_id)
    url = unsubscribe_url("http://parley.test", services.vault, named, services.clock.now() - age)
    return url.removeprefix("http://parley.test")


async def test_only_a_post_unsubscribes(alice, anonymous, services):
    made = await subscribe(alice, target_value="ada@example.com,bob@example.com")
    path = link(services, made, "ada@example.com", alice.project_id)
    page = await anonymous.get(path)
    assert page.status_code == 200 and "ada@example.com" in page.text and "<form" in page.text
    assert (await alice.client.get(path_of(made))).json()["target_value"] == made["target_value"]
    for _ in range(2):
        answer = await anonymous.post(
            path,
            content="List-Unsubscribe=One-Click",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 200
        found = (await alice.client.get(path_of(made))).json()
        assert (found["target_value"], found["deleted"]) == ("bob@example.com", False)
        assert found["unsubscribed"] == ["ada@example.com"]


async def test_the_last_address_takes_the_subscription_along(alice, anonymous, services):
    made = await subscribe(alice)
    query = urlsplit(link(services, made, "ada@example.com", alice.project_id)).query
    answers = [(await anonymous.get(f"/api/unsubscribe/?{query}")) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"success": True}] * 2
    assert (await alice.client.get(path_of(made))).json()["deleted"]
    refused = await alice.client.patch(path_of(made), json={"deleted": False})
    assert refused.status_code == 400 and refused.json()["attr"] == "target_value"
    assert "ada@example.com unsubscribed" in refused.json()["detail"]
    again = {"deleted": False, "target_value": "bob@example.com"}
    back = await alice.client.patch(path_of(made), json=again)
    assert back.status_code == 200 and not back.json()["deleted"]


async def test_bad_and_old_tokens_change_nothing(alice, anonymous, services):
    made = await subscribe(alice)
    old = link(services, made, "ada@example.com", alice.project_id, age=timedelta(days=31))
    for query in (urlsplit(old).query, "token=x", "", "token=" + "x" * 3000):
        answer = await anonymous.get(f"/api/unsubscribe?{query}")
        assert (answer.status_code, answer.json()) == (200, {"success": False})
        assert (await anonymous.post(f"/unsubscribe?{query}")).status_code == 404
    assert not (await alice.client.get(path_of(made))).json()["deleted"]
