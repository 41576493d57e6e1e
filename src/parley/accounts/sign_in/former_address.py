"""Signing in to an account that has lost its address, by that address and its password.

Its organization has nothing to say about it: the address belongs to another account by now.
"""

from parley.accounts.passwords.hashing import is_right_password
from parley.accounts.sign_in.actions import WRONG, opened_for
from parley.accounts.sign_in.failed_attempts import report_failure
from parley.accounts.sign_in.login_throttle import LoginAttempt
from parley.accounts.users.queries import UserCredentials, credentials_by_former_email
from parley.kernel.errors import Invalid
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.network.emails import normal_email
from parley.kernel.services import Services


async def sign_in_by_former_address(
    services: Services, *, email: str, password: str, address: str, old_token: str | None
) -> OpenedSession:
    """Open a session; raises as `sign_in` does, the same for a wrong password and for an address that nobody has lost."""
    user = await _holder(services, normal_email(email), password, address)
    return await opened_for(services, user, old_token=old_token)


async def _holder(services: Services, email: str, password: str, address: str) -> UserCredentials:
    async with LoginAttempt(services, f"{email}\nformer address", address, None).throttled():
        async with services.database.transaction(write=False) as db:
            user = await credentials_by_former_email(db, email)
        is_right = await is_right_password(password, user.password_hash if user else None, address=address)
        if user is None or not is_right or not user.is_active:
            await report_failure(services, user.email if user else "")
            raise Invalid(WRONG, code="invalid_credentials")
        return user
