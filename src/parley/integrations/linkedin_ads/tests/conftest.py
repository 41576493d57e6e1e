"""A cast whose server is registered with LinkedIn, as the tests have it."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import delete

from parley.integrations.connections.tables import integration
from parley.integrations.linkedin_ads.tests.fake_linkedin import LinkedInWorld, linkedin_world
from parley.kernel.jobs.tables import outbox


@pytest_asyncio.fixture
async def world(settings, app, clock) -> AsyncIterator[LinkedInWorld]:
    async with linkedin_world(settings, clock) as made:
        async with made.services.database.transaction() as db:
            await db.execute(delete(outbox))
            await db.execute(delete(integration))  # what other tests have left would be renewed here, too
        await made.services.cache.close()  # what is remembered of failures of the service that others had
        yield made
