"""Fixtures of the tests of the pages of journeys."""

import pytest

from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of


@pytest.fixture
async def window(cast: Cast) -> PlainBrowser:
    """A window in which alice is signed in."""
    return await window_of(cast, cast.alice)


@pytest.fixture
async def viewer(cast: Cast) -> PlainBrowser:
    """A window in which bob is signed in, who may only look."""
    level = {"resource": "ticket", "access_level": "viewer"}
    answer = await cast.alice.client.put("/api/projects/@current/resource_access_controls/", json=level)
    assert answer.status_code == 200
    return await window_of(cast, cast.bob)
