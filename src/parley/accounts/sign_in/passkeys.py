"""Signing in with a passkey."""

from parley.accounts.domains.enforcement import check_password_allowed
from parley.accounts.sign_in.actions import finish_sign_in
from parley.accounts.two_factor.actions.passkeys import hold_passkey, proven_owner
from parley.accounts.two_factor.schemas import PasskeyAnswer
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.services import Services

METHOD = "passkey"


async def sign_in_by_passkey(
    services: Services, *, step_token: str | None, answer: PasskeyAnswer, old_token: str | None
) -> OpenedSession:
    """Open a session for whoever's passkey has signed the challenge of this browser; raises Invalid.

    Raises SsoEnforced, once it is proven, where people of the domain sign in with its provider only.
    """
    owner = await proven_owner(services, step_token, answer)
    await check_password_allowed(services, owner.email)
    async with services.database.transaction() as db:
        await hold_passkey(db, owner)
        return await finish_sign_in(db, services, owner.user_id, method=METHOD, old_token=old_token)
