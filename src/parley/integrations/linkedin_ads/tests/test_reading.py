"""Advertising accounts and conversion rules are read to their end, whatever LinkedIn answers."""

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from parley.integrations.connections.tests.kinds import make_integration
from tests.receiver import answers, flood, hang_up

ACCOUNTS, RULES = "/rest/adAccounts", "/rest/conversions"


def queries(world, path):
    return [
        {name: value[0] for name, value in parse_qs(urlsplit(one.path).query).items()}
        for one in world.fake.received
        if urlsplit(one.path).path == path
    ]


async def read(world, id, what="linkedin_ads_accounts", member=None, **query):
    member = member or world.cast.alice
    return await member.client.get(f"{world.path(member)}{id}/{what}/", params=query)


async def test_all_pages_of_accounts_are_read_in_their_order(world):
    answer = await read(world, await world.connect())
    assert answer.json() == {"adAccounts": world.fake.accounts}
    assert queries(world, ACCOUNTS) == [
        {"q": "search"},
        {"q": "search", "pageToken": "2"},
        {"q": "search", "pageToken": "4"},
    ]
    headers = world.fake.received[-1].headers
    assert (headers["linkedin-version"], headers["content-type"]) == ("202508", "application/json")


async def test_all_pages_of_rules_are_read_and_no_link_is_followed(world):
    answer = await read(world, await world.connect(), "linkedin_ads_conversion_rules", accountId="512345678")
    assert answer.json() == {"conversionRules": [{"id": n, "name": f"Rule {n}"} for n in (1, 2, 3)]}
    first, second = queries(world, RULES)
    assert first == {
        "q": "account",
        "account": "urn:li:sponsoredAccount:512345678",
        "fields": "conversionMethod,enabled,type,name,id,campaigns,attributionType",
    }
    assert second == {**first, "start": "2", "count": "100"}
    assert (
        "account=urn%3Ali%3AsponsoredAccount%3A512345678&fields=conversionMethod%2Cenabled"
        in world.fake.received[-1].path
    )


async def test_a_member_and_a_key_that_may_only_read_see_them(world):
    id = await world.connect()
    key = await world.cast.make_key(world.cast.bob, ["integration:read"])
    answer = await key.get(f"{world.path(world.cast.bob)}{id}/linkedin_ads_accounts")
    assert answer.status_code == 200
    other = await world.cast.make_key(world.cast.bob, ["ticket:read"])
    assert (await other.get(f"{world.path(world.cast.bob)}{id}/linkedin_ads_accounts")).status_code == 403
    assert (await read(world, id, member=world.cast.mallory)).status_code == 404


@pytest.mark.parametrize("given", ["", "x", "-1", "1 ", "1/..", "1&q=search", "\u0661", "9" * 20, "None"])
async def test_what_is_no_number_of_an_account_reaches_nobody(world, given):
    id = await world.connect()
    n_before = len(world.fake.received)
    answer = await read(world, id, "linkedin_ads_conversion_rules", accountId=given)
    assert (answer.status_code, answer.json()["attr"]) == (400, "accountId")
    assert len(world.fake.received) == n_before


async def test_an_integration_of_another_kind_is_refused(world):
    id = await make_integration(world.services, world.cast.alice)
    for what in ("linkedin_ads_accounts", "linkedin_ads_conversion_rules"):
        answer = await read(world, id, what, accountId="1")
        assert answer.status_code == 400 and "letterbox" in answer.json()["detail"]
    assert (await read(world, 12345)).status_code == 404


SAID = {
    "no elements": (answers(200, b"{}"), 200, ""),
    "forbidden": (answers(403, b"{}"), 400, "permission to access this resource"),
    "too many requests": (answers(429, b"{}", Retry_After="7"), 502, "in 7 seconds"),
    "an unknown version": (answers(426, b"{}"), 502, "status 426"),
    "down": (answers(500), 502, "status 500"),
    "gone": (hang_up, 502, "does not answer"),
    "endless": (flood, 502, "can't be used"),
    "no JSON": (answers(200, b"<html>"), 502, "does not understand"),
    "a name that is a number": (answers(200, b'{"elements": [{"id": 1, "name": 2}]}'), 502, "understand"),
    "a redirect": (answers(302, Location="http://127.0.0.1:1/"), 502, "status 302"),
}


@pytest.mark.parametrize("name", SAID)
async def test_what_linkedin_says_is_told_and_not_remembered(world, name):
    respond, status, words = SAID[name]
    id = await world.connect()
    world.fake.instead[ACCOUNTS] = respond
    answer = await read(world, id)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    if status == 502 and "7 seconds" in words:
        assert answer.headers["retry-after"] == "7"
        return
    if status == 200:
        assert answer.json() == {"adAccounts": []}
    world.fake.instead.clear()
    assert len((await read(world, id)).json()["adAccounts"]) == 5


async def test_linkedin_is_left_alone_for_as_long_as_it_asks_and_others_are_served(world):
    mine, other = await world.connect(), await world.connect(world.cast.mallory)
    world.fake.instead[ACCOUNTS] = answers(429, Retry_After="60")
    assert (await read(world, mine)).status_code == 502
    world.fake.instead.clear()
    n_before = len(world.fake.received)
    answer = await read(world, mine)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream_rate_limited")
    assert len(world.fake.received) == n_before
    assert (await read(world, other, member=world.cast.mallory)).status_code == 200


async def test_a_service_that_fails_again_and_again_is_not_called_for_a_while_and_others_are_served(world):
    mine, other = await world.connect(), await world.connect(world.cast.mallory)
    world.fake.instead[ACCOUNTS] = answers(503)
    for _ in range(5):
        await read(world, mine)
    world.fake.instead.clear()
    n_before = len(world.fake.received)
    assert "several times in a row" in (await read(world, mine)).json()["detail"]
    assert len(world.fake.received) == n_before
    assert (await read(world, other, member=world.cast.mallory)).status_code == 200


async def test_a_list_without_end_ends(world):
    id = await world.connect()
    n = 0

    async def endless(writer, request):
        nonlocal n
        n += 1
        body = {"elements": [{"id": n, "name": "x"}], "metadata": {"nextPageToken": str(n)}}
        await answers(200, msgspec.json.encode(body))(writer, request)

    world.fake.instead[ACCOUNTS] = endless
    assert (await read(world, id)).status_code == 502 and n == 50

    async def the_same(writer, request):
        nonlocal n
        n += 1
        body = {"elements": [{"id": 1, "name": "x"}], "metadata": {"nextPageToken": str(n)}}
        await answers(200, msgspec.json.encode(body))(writer, request)

    world.fake.instead[ACCOUNTS] = the_same
    assert (await read(world, id)).json()["adAccounts"] == [{"id": 1, "name": "x", "reference": ""}]
    assert n == 52
