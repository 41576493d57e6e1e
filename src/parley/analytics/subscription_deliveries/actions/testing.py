"""Deliveries that somebody asks for."""

from parley.analytics.subscription_deliveries.actions.starting import start_test
from parley.analytics.subscription_deliveries.errors import DISABLED, IN_PROGRESS, TestDeliveryRefused
from parley.analytics.subscription_deliveries.queries.deliveries import has_open_delivery
from parley.analytics.subscription_deliveries.rules import IN_PROGRESS_FOR, TEST_LIMIT
from parley.analytics.subscriptions.queries.subscriptions import subscription_by_key, subscription_or_none
from parley.analytics.subscriptions.rules.limits import UNASKED_LIMIT
from parley.analytics.subscriptions.rules.targets import listed_addresses
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.services import Services


async def admit_test(services: Services, project_id: int, key: str) -> int:
    """Count a test against its limits, and return the number of the subscription; raises NotFound and Throttled."""
    async with services.database.transaction(write=False) as db:
        found = await subscription_by_key(db, project_id, key)
    if found.deleted:
        raise NotFound
    n_mails = len(listed_addresses(found.target_value)) if found.target_type == "email" else 0
    await services.throttles.hit((TEST_LIMIT, str(project_id)), *[(UNASKED_LIMIT, str(project_id))] * n_mails)
    return found.id


async def begin_test(db: Db, services: Services, project_id: int, id: int) -> None:
    """Deliver a subscription now; raises NotFound and TestDeliveryRefused."""
    found = await subscription_or_none(db, project_id, id, is_held=True)
    if found is None or found.deleted:
        raise NotFound
    if not found.enabled:
        raise TestDeliveryRefused(DISABLED)
    now = services.clock.now()
    if await has_open_delivery(db, project_id, found.id, now - IN_PROGRESS_FOR):
        raise TestDeliveryRefused(IN_PROGRESS)
    await start_test(db, found, now)
