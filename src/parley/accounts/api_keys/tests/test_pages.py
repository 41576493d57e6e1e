"""The page of API keys."""

import shlex

import pytest

from parley.accounts.api_keys.rules import EXAMPLES, SCOPES
from tests.cast import Cast
from tests.plain_browser import window_of


async def test_a_key_is_shown_once_and_works(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/keys")
    await window.press("Create key", label="<b>script</b>")
    value = window.page.one("code", id="value").text
    answer = await cast.client(Authorization=f"Bearer {value}").get(cast.project.tickets)
    assert answer.status_code == 200
    example = window.page.one("code", id="example").text
    assert example.startswith(f'curl -H "Authorization: Bearer {value}" http')
    assert example.endswith("/api/projects/@current/conversations/tickets/")
    await window.open("/settings/keys")
    assert value not in window.answer.text
    assert "<b>script</b>" in window.page.one("section", aria_labelledby="keys").text
    await window.press("Delete <b>script</b>")
    answer = await cast.client(Authorization=f"Bearer {value}").get(cast.project.tickets)
    assert answer.status_code == 401


@pytest.mark.parametrize("scope", [*sorted(EXAMPLES), "query:read", "webhook:write"])
async def test_the_example_works_with_the_key_that_it_is_shown_for(cast: Cast, scope: str):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/keys")
    for box in window.page.all("input", type="checkbox"):
        box.attributes.pop("checked", None)
    await window.press("Create key", label="tried", **{f"scope:{scope}": "on"})
    for _ in range(2):  # as it was made, and renewed
        command = shlex.split(window.page.one("code", id="example").text)
        key, url = command[2].removeprefix("Authorization: "), command[3]
        answer = await cast.client(Authorization=key).get("/api/" + url.split("/api/")[1])
        assert answer.status_code == 200, answer.text
        await window.press("Renew tried")


async def test_a_key_that_may_nothing_is_not_made(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/keys")
    for box in window.page.all("input", type="checkbox"):
        box.attributes.pop("checked", None)
    await window.press("Create key", label="empty")
    assert window.status == 422
    assert window.page.one(role="alert").text == "Choose what the key may do."


async def test_every_scope_is_offered_once_in_a_group(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/keys")
    boxes = [box["name"] for box in window.page.all("input", type="checkbox")]
    assert sorted(boxes) == sorted(f"scope:{name}" for name in SCOPES)
    groups = window.page.one("fieldset").all("div", role="group")
    assert "Read conversations and messages" in groups[1].text and "webhooks" not in groups[1].text
