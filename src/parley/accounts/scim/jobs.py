"""The removal of old requests from the log, and of what providers call accounts that have lost their address."""

from datetime import timedelta

from parley.accounts.scim.actions.people import forget_person
from parley.accounts.scim.actions.request_log import forget_requests
from parley.accounts.single_sign_on.released_addresses import RELEASED
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, job, on
from parley.kernel.services import Services


@job("scim.forget_requests", every=timedelta(hours=1), deletes=True)
async def forget_old_requests(db: Db, services: Services) -> int:
    """Delete what the log keeps no longer. Safe to run twice."""
    return await forget_requests(db, services.clock.now())


@on(RELEASED, "scim.forget_person")
async def forget_person_of_provider(db: Db, services: Services, event: Event) -> None:
    """Forget what identity providers call an account that has lost its address. Safe to run twice."""
    await forget_person(db, event.payload["user_id"])
