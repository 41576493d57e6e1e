"""The public pages of shares, on both databases."""

import json
import re

import pytest

from parley.analytics.recordings.tests.factories import make_recording
from parley.analytics.sharing.tests.shares import PASSWORD, Share

PAGE = {"Accept": "text/html,application/xhtml+xml"}
BLOB = re.compile(r'<script id="parley-data" type="application/json"[^>]*>(.*?)</script>', re.DOTALL)
PATHS = ["/shared/", "/embedded/", "/shared_dashboard/"]


def blob_of(answer):
    [found] = BLOB.findall(answer.text)
    return json.loads(found)


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_carries_what_the_player_needs(alice, anonymous, services, path):
    share = Share(alice, await make_recording(services, alice.project))
    token = await share.open(settings={"theme": "dark", "legend": True, "detailed": False})
    answer = await anonymous.get(f"{path}{token}", headers=PAGE)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    found = blob_of(answer)
    kind = "embed" if path == "/embedded/" else "scene"
    assert found.pop("recording").keys() == {"id", "recording_duration", "start_time", "end_time"}
    assert found == {
        "type": kind,
        "accessToken": token,
        "projectId": alice.project_id,
        "theme": "dark",
        "legend": True,
        "rootClassName": f"export-type-{kind}",
    }
    assert (await anonymous.get(f"{path}{token}.json")).json() == blob_of(answer)


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_kept_and_told_to_nobody(alice, anonymous, path):
    token = await Share(alice, "one").open()
    for answer in (
        await anonymous.get(f"{path}{token}", headers=PAGE),
        await anonymous.get(f"{path}unknown", headers=PAGE),
        await anonymous.get(f"{path}{token}.json"),
    ):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers.get("cache-control", "no-store") == "no-store"
        assert "set-cookie" not in answer.headers
    page = await anonymous.get(f"{path}{token}", headers=PAGE)
    policy = page.headers["content-security-policy"]
    [nonce] = re.findall(r"script-src 'nonce-(\w+)';", policy)
    scripts = re.findall(r"<script[^>]*>", page.text)
    assert scripts and all(f'nonce="{nonce}"' in script for script in scripts)
    assert page.headers["x-robots-tag"] == "noindex"
    if path == "/embedded/":
        assert "x-frame-options" not in page.headers and "frame-ancestors *" in policy
    else:
        assert page.headers["x-frame-options"] == "DENY" and "frame-ancestors 'none'" in policy


async def test_a_page_may_be_framed_where_the_address_says_so(alice, anonymous):
    token = await Share(alice, "one").open()
    answer = await anonymous.get(f"/shared/{token}?embedded", headers=PAGE)
    assert blob_of(answer)["type"] == "embed" and "x-frame-options" not in answer.headers


async def test_a_slash_at_the_end_changes_nothing(alice, anonymous):
    token = await Share(alice, "one").lock()
    answer = await anonymous.post(f"/embedded/{token}/", json={"password": PASSWORD})
    assert answer.status_code == 200 and f"Path=/embedded/{token};" in answer.headers["set-cookie"]
    for path in (f"/embedded/{token}", f"/embedded/{token}/"):
        assert blob_of(await anonymous.get(path, headers=PAGE))["type"] == "embed"


async def test_everything_that_is_nothing_looks_the_same(alice, anonymous):
    share = Share(alice, "one")
    token, off = await share.open(), Share(alice, "two")
    pages = [
        await anonymous.get(f"/shared/{name}", headers=PAGE)
        for name in ("unknown", f"{token}.png", f"{token}x", (await off.show())["access_token"], "x" * 8000)
    ]
    assert {page.status_code for page in pages} == {404}
    assert len({re.sub(r'nonce="\w+"', "", page.text) for page in pages}) == 1
    assert "There is nothing here" in pages[0].text


async def test_nothing_is_told_before_the_password(alice, anonymous, services):
    recording = await make_recording(services, alice.project)
    share = Share(alice, recording)
    token = await share.lock(note="secret note")
    await share.change(settings={"whitelabel": True, "theme": "light", "noHeader": True})
    for path in PATHS:
        answer = await anonymous.get(f"{path}{token}", headers=PAGE)
        assert answer.status_code == 200
        assert blob_of(answer) == {"type": "unlock", "whitelabel": True, "theme": "light"}
        for secret in (recording, "secret note", "Hedgehogs", alice.email, token):
            assert secret not in answer.text
        head = await anonymous.head(f"{path}{token}", headers=PAGE)
        assert head.status_code == 200 and head.content == b""
        data = await anonymous.get(f"{path}{token}.json")
        assert data.status_code == 401 and data.json() == {"type": "unlock"}
    assert await share.accesses() == []


async def test_settings_leave_out_the_heading_or_its_date(alice, anonymous, services):
    share = Share(alice, await make_recording(services, alice.project))
    shown = []
    for settings in ({}, {"hideExtraDetails": True}, {"noHeader": True}):
        token = (await share.change(enabled=True, settings=settings))["access_token"]
        text = (await anonymous.get(f"/shared/{token}", headers=PAGE)).text
        shown.append(("<h1" in text, 'id="shared-at"' in text))
    assert shown == [(True, True), (True, False), (False, False)]


async def test_a_browser_without_scripts_unlocks_by_the_form(alice, anonymous):
    token = await Share(alice, "one").lock()
    path = f"/shared/{token}"
    wrong = await anonymous.post(path, data={"password": "not this one"}, headers=PAGE)
    assert wrong.status_code == 401 and "This password is not right." in wrong.text
    right = await anonymous.post(f"{path}?t=90&x=%0d%0a", data={"password": PASSWORD}, headers=PAGE)
    assert right.status_code == 303 and right.headers["location"] == f"{path}?t=90&x=%0d%0a"
    assert right.headers["cache-control"] == "no-store"
    shown = await anonymous.get(path, headers=PAGE)
    assert blob_of(shown)["type"] == "scene" and blob_of(shown)["shareToken"]
    assert (await anonymous.get(f"/embedded/{token}", headers=PAGE)).text.count("unlock") > 0


async def test_a_form_for_what_is_open_or_gone_leads_to_its_page(alice, anonymous):
    token = await Share(alice, "one").open()
    answer = await anonymous.post(f"/shared/{token}", data={"password": "whatever"}, headers=PAGE)
    assert answer.status_code == 303
    answer = await anonymous.post("/shared/unknown", data={"password": "whatever"}, headers=PAGE)
    assert answer.status_code == 404 and "There is nothing here" in answer.text


async def test_being_signed_in_changes_nothing(cast, alice):
    session = await cast.sign_in(alice)
    token = await Share(alice, "one").lock()
    assert blob_of(await session.get(f"/shared/{token}", headers=PAGE)) == {"type": "unlock"}
    assert (await alice.client.get(f"/shared/{token}.json")).status_code == 401


async def test_an_id_can_not_leave_the_element_that_it_stands_in(alice, anonymous):
    hostile = "</script><script>alert(1)</script>"
    share = Share(alice, hostile.replace("/", "%2F"))
    answer = await alice.client.patch(share.path, json={"enabled": True})
    if answer.status_code == 404:  # a slash is no part of an id in a path
        share = Share(alice, "<script>alert(1)<!--")
        answer = await alice.client.patch(share.path, json={"enabled": True})
    page = await anonymous.get(f"/shared/{answer.json()['access_token']}", headers=PAGE)
    assert "<script>alert" not in page.text and blob_of(page)["recording"]["id"] == share.recording_id
