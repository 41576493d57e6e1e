"""What open inboxes hear while the demo data is loaded."""

import pytest

from parley.accounts.users.actions import create_user
from parley.demo.data import load_demo_data
from parley.inbox.ticket_rows.queries.counts import demo_key
from parley.kernel.errors import Invalid


async def test_an_open_inbox_hears_at_once_that_demo_data_comes_and_that_it_does_not(services, project):
    async with services.database.transaction() as db:
        email = f"maya.{project.id}@demo.example"  # by which the loader knows that it has been there
        await create_user(db, services, email=email, password_hash="x", first_name="Maya")
    async with services.live.subscription(f"project:{project.id}") as heard:
        with pytest.raises(Invalid, match="already"):
            await load_demo_data(services, project.id)
        assert [heard.get_nowait().name for _ in range(heard.qsize())] == ["demo.loading", "resync"]
    assert await services.cache.get(demo_key(project.id)) is None
