"""What reads messages is loaded before the first request where SCIM is on, and never where it isn't."""

import sys

import pytest
from sqlalchemy import update

from parley.accounts.domains.tables import organization_domain
from parley.accounts.scim_messages import library

UNUSED = "nturl2path"
"""A little module that nobody imports on Unix, in place of the library, which other tests have loaded."""


@pytest.fixture(autouse=True)
def unused(monkeypatch):
    monkeypatch.delitem(sys.modules, UNUSED, raising=False)
    monkeypatch.setattr(library, "LIBRARY", UNUSED)
    monkeypatch.setattr(library, "LOADS_AFTER_S", 0)


async def test_a_server_with_scim_loads_it_by_itself(acme, services):
    await library.load_library_where_used(services)
    assert UNUSED in sys.modules


async def test_a_server_without_scim_does_not(acme, services):
    async with services.database.transaction() as db:
        await db.execute(update(organization_domain).values(scim_token_hash=None))
    await library.load_library_where_used(services)
    assert UNUSED not in sys.modules
