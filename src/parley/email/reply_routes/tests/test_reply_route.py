"""What the API says before an answer is written."""


async def route(member, desk, key=1):
    answer = await member.client.get(f"{desk.tickets}{key}/reply_route/")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_way_is_told_before_anything_is_sent(post, desk, alice):
    await post.ticket()
    assert await route(alice, desk) == {
        "kind": "email",
        "address": "ada@example.com",
        "cc": [],
        "alone": [],
        "from_email": post.channel.from_email,
        "is_delayed": False,
        "is_test": False,
        "reason": "",
        "description": "By mail to ada@example.com.",
    }


async def test_a_merged_number_leads_to_its_own_people(post, desk, alice):
    theirs = await post.ticket("bob@example.org", distinct_id="bob")
    ours = await post.ticket(distinct_id="ada")
    await alice.client.post(f"{desk.tickets}{theirs['id']}/merge/", json={"into": ours["id"]})
    assert (await route(alice, desk, 1))["address"] == "bob@example.org"
    both = await route(alice, desk, 2)
    assert (both["address"], both["alone"]) == ("ada@example.com", ["bob@example.org"])


async def test_without_mail_it_says_so(desk, alice, mallory):
    await desk.open(email="ada@example.com")
    found = await route(alice, desk)
    assert (found["kind"], found["reason"]) == ("widget", "email_disabled")
    assert found["description"] == "In the widget only: e-mail is switched off for this project."
    assert (await mallory.client.get(f"{desk.tickets}1/reply_route/")).status_code in (403, 404)
    assert (await alice.client.get(f"{desk.tickets}99/reply_route/")).status_code == 404
