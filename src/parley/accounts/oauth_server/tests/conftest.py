"""A program, and the window of somebody who lets it in."""

import pytest

from parley.accounts.oauth_server.tests.programs import Program, program_of
from tests.cast import Cast
from tests.plain_browser import window_of


@pytest.fixture
async def program(cast: Cast) -> Program:
    return await program_of(cast.client())


@pytest.fixture
async def window(cast: Cast, bob):
    return await window_of(cast, bob)
