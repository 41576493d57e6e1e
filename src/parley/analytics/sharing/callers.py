"""Callers of the API who have nothing but a link: `?sharing_access_token=`, and where it is locked a proof as Bearer."""

from parley.analytics.sharing.actions.accesses import note_opened
from parley.analytics.sharing.queries.links import link_by_token
from parley.kernel.http.authorization import Connection, Shared
from parley.kernel.http.shared import SHARING_PARAMETER
from parley.kernel.services import Services

UNLOCK_COOKIE = "posthog_sharing_token"


async def shared_by_link(services: Services, connection: Connection) -> Shared | None:
    """Return what the link of a request opens; None for one that doesn't work, or is locked."""
    token = connection.query_params.get(SHARING_PARAMETER) or ""
    async with services.database.transaction(write=False) as db:
        now = services.clock.now()
        link = await link_by_token(db, services.vault, token, now, proofs=proofs_of(connection))
    if link is None or link.is_locked:
        return None
    client = connection.scope["client"]
    await note_opened(services, link, client[0] if client else "")
    return Shared(link.share.project_id, link.share.target_type, link.share.target_id)


def proofs_of(connection: Connection) -> tuple[str | None, ...]:
    """Return the proofs that a request carries: as Bearer, and in the cookie of the link's own path."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    bearer = value.strip() if scheme.lower() == "bearer" else None
    return bearer, connection.cookies.get(UNLOCK_COOKIE)
