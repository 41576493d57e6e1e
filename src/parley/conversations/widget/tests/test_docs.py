"""docs/widget.md is true: its recipes work, its settings exist, its defaults are the real ones."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import parley
from parley.accounts.projects.rules import CHECKS
from parley.conversations.widget.rules.config import WIDGET_DEFAULTS
from parley.conversations.widget.tests.visitor import Browser

PAGE = (Path(parley.__file__).parents[2] / "docs" / "widget.md").read_text()


@pytest.fixture(scope="module")
def recipe() -> dict[str, Callable[..., str]]:
    """The functions of the page's Python blocks."""
    found: dict[str, Callable[..., str]] = {}
    exec("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), found)
    return found


async def test_the_recipe_signs_an_identity(anonymous, project, recipe):
    browser = Browser(anonymous, project)
    hashed = recipe["identity_hash"](project.secret_api_token, "user-42")
    browser.credentials = {"identity_distinct_id": "user-42", "identity_hash": hashed}
    assert await browser.texts(await browser.opened("It's me")) == ["It's me"]


async def test_the_recipe_signs_an_address(anonymous, project, recipe, clock):
    ada = Browser(anonymous, project, identity="ada@example.com")
    ticket_id = await ada.opened("From my address")
    expires_at = int((clock.now() + timedelta(hours=1)).timestamp())
    other = Browser(anonymous, project, identity="user-42")
    assert await other.ticket_ids() == []
    signed = recipe["identity_hash_email"](project.secret_api_token, "user-42", "Ada@example.com", expires_at)
    other.credentials |= {
        "identity_email": "Ada@example.com",
        "identity_exp_email": str(expires_at),
        "identity_hash_email": signed,
    }
    assert await other.ticket_ids() == [ticket_id]


def test_every_setting_of_the_widget_is_described():
    described = set(re.findall(r"`(\w+)`", PAGE))
    later = {"widget_restore_enabled"}
    assert {key for key in CHECKS if key.startswith("widget_")} - later <= described


def test_the_defaults_are_the_real_ones():
    for setting, default in WIDGET_DEFAULTS.values():
        row = next(line for line in PAGE.splitlines() if line.startswith("| ") and f"`{setting}`" in line)
        shown = {False: "`false`", str: default}.get(default if default is False else type(default), "`[]`")
        assert shown in row, setting
