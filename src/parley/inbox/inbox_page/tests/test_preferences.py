"""How somebody likes their inbox: kept by their browser."""

import pytest

from parley.inbox.inbox_page.preferences import COOKIE


def main_of(window):
    return window.page.one("main")


def chosen(window):
    return [main_of(window)[f"data-{name}"] for name in ("density", "rail", "after-resolving")]


async def test_what_is_chosen_stays(window, desk):
    await window.open("/inbox?status=all")
    assert chosen(window) == [
        "roomy",
        "wide",
        "next",
    ]
    await window.press("Compact list")
    await window.press("Stay after resolving or snoozing")
    await window.press("Sections as icons only")
    assert window.path == "/inbox?status=all"
    await window.open("/inbox")
    assert chosen(window) == [
        "compact",
        "narrow",
        "stay",
    ]
    await window.press("Roomy list")
    assert main_of(window)["data-density"] == "roomy" and main_of(window)["data-rail"] == "narrow"


@pytest.mark.parametrize("kept", ["", "huge.narrow", "....", "compact.wide.next.more", "x" * 3000])
async def test_a_cookie_that_is_not_ours_breaks_nothing(window, desk, kept):
    await window.open("/inbox")
    window.client.cookies.set(COOKIE, kept)
    await window.open("/inbox")
    assert window.status == 200 and main_of(window)["data-density"] in ("roomy", "compact")


@pytest.mark.parametrize("referer", ["https://evil.test/inbox", "//evil.test", "/settings", "http://[", ""])
async def test_the_form_leads_nowhere_else(window, desk, referer):
    await window.open("/inbox")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    answer = await window.client.post(
        "/inbox/preferences", data={"density": "compact", "csrf_token": token}, headers={"Referer": referer}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
