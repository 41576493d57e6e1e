"""The removal of what has expired."""

from datetime import timedelta

from parley.accounts.invitations.actions import forget_old_invites
from parley.accounts.oauth_sign_in.actions.beginning import forget_expired_requests
from parley.accounts.password_reset.actions import forget_expired_resets
from parley.accounts.sessions.actions import forget_expired_sessions
from parley.accounts.two_factor.actions.steps import forget_old_steps
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("accounts.forget_expired", every=timedelta(hours=1), deletes=True)
async def forget_what_expired(db: Db, services: Services) -> int:
    """Delete sessions, reset links, invitations and sign-ins at providers that are over. Safe to run twice."""
    now = services.clock.now()
    n_sessions = await forget_expired_sessions(db, now)
    n_steps = await forget_old_steps(db, now) + await forget_expired_requests(db, now)
    n_links = await forget_expired_resets(db, now) + await forget_old_invites(db, now)
    return n_sessions + n_steps + n_links
