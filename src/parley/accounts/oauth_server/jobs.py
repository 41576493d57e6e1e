"""The removal of what has expired."""

from datetime import timedelta

from parley.accounts.oauth_server.actions.granting import forget_expired_grants
from parley.accounts.oauth_server.actions.registering import forget_unused_applications
from parley.accounts.oauth_server.actions.tokens import forget_expired_tokens
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("accounts.forget_expired_oauth", every=timedelta(hours=1), deletes=True)
async def forget_expired_oauth(db: Db, services: Services) -> int:
    """Delete tokens and grants of OAuth applications that are over, then applications that nobody uses."""
    n_forgotten = await forget_expired_tokens(db, services)
    n_forgotten += await forget_expired_grants(db, services)
    return n_forgotten + await forget_unused_applications(db, services)
