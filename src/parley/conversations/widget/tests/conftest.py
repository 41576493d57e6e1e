"""Visitors for the tests of the widget."""

import httpx
import pytest

from parley.conversations.widget.tests.visitor import Browser
from tests.cast import TestProject


@pytest.fixture
def browser(anonymous: httpx.AsyncClient, project: TestProject) -> Browser:
    """A visitor whom nobody knows."""
    return Browser(anonymous, project)


@pytest.fixture
def other_browser(anonymous: httpx.AsyncClient, project: TestProject) -> Browser:
    """Another one, on the same site."""
    return Browser(anonymous, project)
