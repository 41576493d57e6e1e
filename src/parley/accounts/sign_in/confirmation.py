"""Recent authentication: what is sensitive is only done by whoever has proved lately who they are.

Two hours (`RECENT` of `kernel/http/authorization.py`) after signing in, a session must be confirmed before it makes keys,
changes levels, deletes a project and so on. So a browser that somebody finds open can't be made a way in that lasts.
"""

from parley.accounts.sessions.actions import authenticate_again
from parley.accounts.sessions.queries import check_session
from parley.accounts.sign_in.actions import check_password
from parley.accounts.sign_in.schemas import ProofOfIdentity
from parley.accounts.sign_in.second_step import check_code
from parley.kernel.errors import Invalid, NotAuthenticated
from parley.kernel.http.authorization import Principal
from parley.kernel.services import Services


async def confirm_identity(
    services: Services, principal: Principal, proof: ProofOfIdentity, *, address: str
) -> None:
    """Let the caller's session do what is sensitive for two hours more.

    Raises Invalid for a wrong proof, Throttled after too many; the limits are those of signing in.
    """
    if principal.session_hash is None:
        raise NotAuthenticated
    if proof.token:
        await check_code(services, principal.user_id, principal.email, proof.token, address=address)
    else:
        await _check_password(services, principal, proof.password, address)
    async with services.database.transaction() as db:
        await check_session(db, principal)
        await authenticate_again(db, services, principal.session_hash)


async def _check_password(services: Services, principal: Principal, password: str, address: str) -> None:
    try:
        await check_password(services, email=principal.email, password=password, address=address)
    except Invalid as error:
        if error.code != "invalid_credentials":
            raise
        raise Invalid("This is not your password.", code="invalid_credentials", attr="password") from error
