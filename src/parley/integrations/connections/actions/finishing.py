"""Connecting is finished: by the browser that comes back, or by a program that brings the code."""

from parley.integrations.connections.actions.connecting import store_account
from parley.integrations.connections.actions.consenting import account_by_code, app_of, claim_consent
from parley.integrations.connections.errors import KindNotSupported, NotAdmin
from parley.integrations.connections.kinds import OutsideAccount, kind_by_name
from parley.integrations.connections.schemas import NewIntegration
from parley.kernel.http.authorization import Actor, Authenticator, Principal
from parley.kernel.services import Services


async def account_to_connect(services: Services, actor: Actor, new: NewIntegration) -> OutsideAccount:
    """Return the account that `config` proves, by a code or by credentials; not inside a transaction. Raises AppErrors."""
    kind, config = kind_by_name(new.kind), new.config
    if kind.oauth is not None and ("code" in config or kind.connect is None):
        app_of(services.settings, kind)
        code, state = str(config.get("code") or ""), str(config.get("state") or "")
        await claim_consent(services, actor.principal, kind.name, state, actor.project_id)
        return await account_by_code(services, kind, actor.project_id, code, state)
    if kind.connect is None:
        raise KindNotSupported
    return await kind.connect(services, actor.project_id, config)


async def finish_in_browser(
    services: Services,
    authenticator: Authenticator,
    principal: Principal,
    kind_name: str,
    *,
    code: str,
    state: str,
) -> str:
    """Connect what somebody has consented to, to the project in which they began; return the path they go on to."""
    kind = kind_by_name(kind_name)
    app_of(services.settings, kind)
    begun = await claim_consent(services, principal, kind.name, state)
    actor = await authenticator.actor(principal, str(begun.project_id))
    if not actor.is_admin:
        raise NotAdmin
    account = await account_by_code(services, kind, begun.project_id, code, state)
    async with services.database.transaction() as db:
        await store_account(db, services, actor, kind, account)
    return begun.next_path
