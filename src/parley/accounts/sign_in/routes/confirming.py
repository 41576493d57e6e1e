"""Proving once more who one is, before something sensitive."""

from typing import Any

from litestar import post
from litestar.params import JSONBody

from parley.accounts.sign_in.confirmation import confirm_identity
from parley.accounts.sign_in.schemas import ENTRY, ProofOfIdentity, Success
from parley.kernel.dependencies import PrincipalDependency, ServicesDependency
from parley.kernel.http.authorization import session_only
from parley.kernel.http.request import ParleyRequest


@post("/api/users/@me/reauthenticate", guards=[session_only], status_code=200, opt=ENTRY)
async def reauthenticate(
    data: JSONBody[ProofOfIdentity],
    request: ParleyRequest,
    principal: PrincipalDependency,
    services: ServicesDependency,
) -> Success:
    """Prove who one is once more; for two hours this session may then do what is sensitive."""
    await confirm_identity(services, principal, data, address=request.client_address)
    return Success()


handlers: list[Any] = [reauthenticate]
