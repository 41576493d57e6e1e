"""Fixtures of the inbox' tests."""

import pytest

from parley.conversations.conftest import customer, desk
from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of

__all__ = ["customer", "desk"]


@pytest.fixture
async def window(cast: Cast) -> PlainBrowser:
    """A window in which alice is signed in."""
    return await window_of(cast, cast.alice)
