"""The removal of requests and assertions that are over."""

from datetime import timedelta

from parley.accounts.saml.actions.taking import forget_what_is_over
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("accounts.forget_saml", every=timedelta(minutes=10), deletes=True)
async def forget_saml(db: Db, services: Services) -> int:
    """Delete what no answer of an identity provider can use any more. Safe to run twice."""
    return await forget_what_is_over(db, services.clock.now())
