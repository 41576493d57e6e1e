"""How insights and dashboards are shared, by hand."""

import pytest

from tests.plain_browser import PlainBrowser

API = "/api/projects/@current"


@pytest.mark.parametrize("kind", ["insight", "dashboard"])
async def test_a_link_is_made_beside_the_thing_and_taken_back(window, anonymous, alice, kind):
    made = (await alice.client.post(f"{API}/{kind}s/", json={"name": "Shown"})).json()
    await window.open(f"/{kind}s/{made['id']}")
    await window.follow(f"How this {kind} is shared")
    assert f"Only your team can see this {kind}." in window.page.text
    await window.press("Share by a link")
    link = window.page.one("code", id="share-link").text
    assert "Shown" in (await anonymous.get(link)).text and not window.page.all("iframe")
    await window.press("Stop sharing")
    assert (await anonymous.get(link)).status_code == 404
    await window.follow(f"The {kind}")
    assert window.heading == "Shown"


@pytest.mark.parametrize("kind", ["insight", "dashboard"])
async def test_who_may_only_look_and_strangers_share_nothing(viewer: PlainBrowser, alice, mallory, kind):
    made = (await alice.client.post(f"{API}/{kind}s/", json={"name": "Shown"})).json()
    theirs = (await mallory.client.post(f"{API}/{kind}s/", json={"name": "Theirs"})).json()
    await viewer.open(f"/{kind}s/{made['id']}")
    assert "Share" not in viewer.page.one("main").text
    token = viewer.page.all("input", name="csrf_token")[0]["value"]
    for id, status in ((made["id"], 403), (theirs["id"], 404)):
        path = f"/{kind}s/{id}/sharing"
        assert (await viewer.client.get(path)).status_code == status
        answer = await viewer.client.post(path, data={"csrf_token": token, "do": "enable"})
        assert answer.status_code == status
