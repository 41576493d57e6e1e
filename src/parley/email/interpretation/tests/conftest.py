"""Fixtures of the tests of inbound mail."""

import pytest_asyncio

from parley.email.inbound.tests.mailbox import Mailbox, make_mailbox


@pytest_asyncio.fixture
async def mailbox(services, queue, alice) -> Mailbox:
    """The mailbox of alice's project."""
    return await make_mailbox(services, queue, alice)
