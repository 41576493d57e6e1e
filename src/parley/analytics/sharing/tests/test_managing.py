"""Managing shares through the API, on both databases."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parley.analytics.sharing.tests.shares import Share, is_locked, unlocked

EMPTY: dict[str, Any] = {
    "created_at": None,
    "enabled": False,
    "settings": None,
    "password_required": False,
    "share_passwords": [],
    "link_expires_at": None,
}


async def test_asking_stores_nothing_and_shows_another_value_each_time(alice):
    share = Share(alice, "01890000-session")
    first, second = await share.show(), await share.show()
    assert first.pop("access_token") != second.pop("access_token")
    assert first == second == EMPTY
    made = await share.change()
    assert made["created_at"] and made["enabled"] is False
    assert (await share.show()) == made


async def test_a_share_is_switched_on_and_its_token_opens_the_public_page(alice, anonymous):
    share = Share(alice, "01890000-session")
    made = await share.change(enabled=True)
    assert made["enabled"] and re.fullmatch(r"[A-Za-z0-9_-]{30}", made["access_token"])
    shown = await anonymous.get(f"/shared/{made['access_token']}.json")
    assert shown.json()["type"] == "scene" and shown.json()["recording"]["id"] == "01890000-session"
    environment = share.path.replace("/projects/", "/environments/") + "/"
    assert (await alice.client.get(environment)).json() == made


async def test_the_switch_takes_form_bodies_and_the_project_worked_in(alice):
    path = "/api/projects/@current/session_recordings/one/sharing/"
    answer = await alice.client.patch(path, data={"enabled": "true", "settings": '{"legend": true}'})
    assert answer.status_code == 200 and answer.json()["settings"] == {"legend": True}, answer.text


async def test_what_was_switched_off_comes_back_with_another_link(alice, anonymous):
    share = Share(alice, "one")
    first = await share.open()
    second = (await share.refresh())["access_token"]
    assert await is_locked(anonymous, first) is False and await is_locked(anonymous, second) is False
    await share.change(enabled=False)
    assert await is_locked(anonymous, first) is None and await is_locked(anonymous, second) is None
    third = await share.open()
    assert third not in (first, second)
    assert [await is_locked(anonymous, one) for one in (first, second, third)] == [None, None, False]
    assert await share.open() == third


async def test_a_refreshed_link_goes_on_for_five_minutes(alice, anonymous, clock, queue):
    share = Share(alice, "one")
    old = await share.open(settings={"theme": "dark"})
    new = await share.refresh()
    assert new["enabled"] and new["settings"] == {"theme": "dark"} and new["access_token"] != old
    clock.advance(timedelta(seconds=290))
    assert await is_locked(anonymous, old) is False
    clock.advance(timedelta(seconds=11))
    assert await is_locked(anonymous, old) is None
    assert await is_locked(anonymous, new["access_token"]) is False


async def test_refreshing_what_was_never_shared_makes_a_share_that_is_off(alice):
    assert (await Share(alice, "never").refresh())["enabled"] is False


async def test_refreshing_copies_active_passwords_under_new_ids(alice, anonymous):
    share = Share(alice, "one")
    old = await share.lock(note="for Ada")
    gone = await share.add_password("another password")
    await alice.client.delete(f"{share.path}/passwords/{gone['id']}/")
    before, proof = (await share.show())["share_passwords"], await unlocked(anonymous, old)
    new = await share.refresh()
    assert [one["note"] for one in new["share_passwords"]] == ["for Ada"]
    assert new["share_passwords"][0]["id"] != before[0]["id"]
    assert await is_locked(anonymous, old, proof) is False
    assert await is_locked(anonymous, new["access_token"], proof) is True
    await unlocked(anonymous, new["access_token"])
    # Deleting it closes the link before, too.
    await alice.client.delete(f"{share.path}/passwords/{new['share_passwords'][0]['id']}")
    assert await is_locked(anonymous, old, proof) is True


async def test_a_link_ends_when_it_was_set_to(alice, anonymous, clock):
    share, end = Share(alice, "one"), datetime.now(UTC) + timedelta(days=2)
    token = await share.open(link_expires_at=end.isoformat())
    assert await is_locked(anonymous, token) is False
    clock.advance(timedelta(days=2, seconds=1))
    assert await is_locked(anonymous, token) is None
    await share.change(link_expires_at=None)
    assert await is_locked(anonymous, token) is False


@pytest.mark.parametrize(
    ("body", "attr", "detail"),
    [
        ({"settings": "dark"}, "settings", "Invalid settings format"),
        ({"settings": [1]}, "settings", "Invalid settings format"),
        ({"settings": {"legend": "perhaps"}}, "settings", "Invalid settings format"),
        ({"settings": {"theme": "pink"}}, "settings", "Invalid settings format"),
        ({"link_expires_at": "2001-01-01T00:00:00Z"}, "link_expires_at", "The link must end in the future."),
        (
            {"link_expires_at": "9999-12-31T23:59:59Z"},
            "link_expires_at",
            "The link must end before the year 9999.",
        ),
        ({"link_expires_at": "soon"}, "link_expires_at", None),
        ({"enabled": None}, "enabled", None),
        ({"enabled": "perhaps"}, "enabled", None),
        ({"password_required": []}, "password_required", None),
    ],
)
async def test_what_is_no_share_is_refused_and_nothing_is_stored(alice, body, attr, detail):
    share = Share(alice, "one")
    answer = await alice.client.patch(share.path, json={"enabled": True, **body})
    assert answer.status_code == 400 and answer.json()["attr"] == attr, answer.text
    assert detail is None or answer.json()["detail"] == detail
    assert (await share.show())["enabled"] is False


async def test_settings_are_replaced_and_what_nobody_knows_is_left_out(alice):
    share = Share(alice, "one")
    given: dict[str, Any] = {
        "whitelabel": True,
        "legend": False,
        "detailed": None,
        "color": "red",
        "__proto__": {},
    }
    assert (await share.change(settings=given))["settings"] == {"whitelabel": True, "legend": False}
    assert (await share.change(settings={"theme": "dark"}))["settings"] == {"theme": "dark"}
    assert (await share.change(enabled=True))["settings"] == {"theme": "dark"}
    assert (await share.change(settings={}))["settings"] == {}
    assert (await share.change(settings=None))["settings"] is None


async def test_other_methods_and_ids_that_are_too_long_are_refused(alice):
    share = Share(alice, "one")
    for method in ("POST", "PUT", "DELETE"):
        assert (await alice.client.request(method, share.path)).status_code == 405
    assert (await alice.client.get(Share(alice, "x" * 201).path)).status_code == 404
    long = Share(alice, "y" * 200)
    await long.open()
    assert (await long.show())["enabled"]


async def test_the_organization_can_forbid_all_of_it(alice, anonymous):
    share = Share(alice, "one")
    token = await share.open()
    await alice.client.patch("/api/organizations/@current/", json={"allow_publicly_shared_resources": False})
    assert await is_locked(anonymous, token) is None
    answer = await alice.client.patch(share.path, json={"enabled": True})
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Public sharing is disabled for this organization."
    assert (await share.change(enabled=False))["enabled"] is False
    await alice.client.patch("/api/organizations/@current/", json={"allow_publicly_shared_resources": True})
    assert await is_locked(anonymous, await share.open()) is False


async def test_many_at_once_make_one_share_with_one_link(alice, anonymous):
    share = Share(alice, "one")
    asked = [share.change(enabled=True) if n % 3 else share.refresh() for n in range(12)]
    tokens = {answer["access_token"] for answer in await asyncio.gather(*asked)}
    current = (await share.change(enabled=False))["access_token"]
    assert current in tokens
    assert {await is_locked(anonymous, token) for token in tokens} == {None}


async def test_what_is_changed_stands_in_the_activity_log(alice):
    share = Share(alice, "one")
    await share.lock(note="for Ada")
    await share.refresh()
    await share.change(enabled=False)
    log = await alice.client.get("/api/projects/@current/activity_log/?scope=Replay&item_id=one")
    assert [entry["activity"] for entry in log.json()["results"]] == [
        "sharing disabled",
        "sharing link refreshed",
        "share password created",
        "sharing enabled",
    ]


async def test_another_organization_finds_none_of_it(alice, mallory):
    share = Share(alice, "one")
    await share.lock()
    mine = await share.show()
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/refresh"),
        ("POST", "/passwords"),
        ("DELETE", f"/passwords/{mine['share_passwords'][0]['id']}"),
        ("GET", "/accesses"),
    ):
        answer = await mallory.client.request(method, share.path + path, json={"enabled": False})
        assert answer.status_code == 403, (method, path)
    theirs = Share(mallory, "one")
    assert (await theirs.show())["enabled"] is False
    await theirs.change(enabled=True, password_required=True)
    answer = await mallory.client.delete(f"{theirs.path}/passwords/{mine['share_passwords'][0]['id']}")
    assert answer.status_code == 404 and answer.json()["detail"] == "Password not found"
    assert await share.show() == mine


async def test_keys_need_the_scope_of_sharing(cast, alice):
    share = Share(alice, "one")
    reading = await cast.make_key(alice, ["sharing_configuration:read"])
    assert (await reading.get(share.path)).status_code == 200
    assert (await reading.patch(share.path, json={"enabled": True})).status_code == 403
    assert (
        await (await cast.make_key(alice, ["session_recording:write"])).get(share.path)
    ).status_code == 403
