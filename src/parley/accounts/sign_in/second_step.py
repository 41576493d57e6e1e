"""The second step of signing in: a code, once the password was right or a provider has proven the address.

The step is bound to the browser by a cookie, lasts ten minutes and takes five tries. Tries are also counted for the
account, as wrong passwords are, so that whoever knows the password can't go on guessing by starting again.
"""

from parley.accounts.sign_in.actions import finish_sign_in
from parley.accounts.sign_in.failed_attempts import report_failure
from parley.accounts.sign_in.login_throttle import LoginAttempt
from parley.accounts.two_factor.actions.codes import take_code
from parley.accounts.two_factor.actions.steps import SECOND_FACTOR, count_try, take_step
from parley.accounts.two_factor.errors import step_is_over
from parley.accounts.users.queries import credentials_by_id
from parley.kernel.errors import Invalid
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.services import Services


async def take_second_step(
    services: Services, *, step_token: str | None, code: str, address: str, old_token: str | None
) -> OpenedSession:
    """Open a session for the right code, which counts once. Raises Invalid and Throttled. Opens its own transactions."""
    async with services.database.transaction() as db:
        user_id = await count_try(db, services, step_token)
        user = await credentials_by_id(db, user_id)
    if user is None or not user.is_active:
        raise step_is_over()
    async with second_factor_attempt(services, user.email, address).throttled():
        try:
            async with services.database.transaction() as db:
                # A password that is changed meanwhile waits, and then ends this session, or has ended the step already.
                await credentials_by_id(db, user_id, is_locking=True)
                method = await take_code(db, services, user_id, code)
                await take_step(db, services, step_token, SECOND_FACTOR)
                return await finish_sign_in(db, services, user_id, method=method, old_token=old_token)
        except Invalid:
            await report_failure(services, user.email)
            raise


async def check_code(services: Services, user_id: int, email: str, code: str, *, address: str) -> None:
    """Take a code from somebody who is signed in; raises Invalid and Throttled."""
    async with (
        second_factor_attempt(services, email, address).throttled(),
        services.database.transaction() as db,
    ):
        await take_code(db, services, user_id, code)


def second_factor_attempt(services: Services, email: str, address: str) -> LoginAttempt:
    """Count a try at the second factor of an account, apart from the tries at its password."""
    return LoginAttempt(services, f"{email}\nsecond factor", address, None)
