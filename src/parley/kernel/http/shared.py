"""Callers who have nothing but a link that shares one thing: `?sharing_access_token=` (docs/sharing.md)."""

from litestar.handlers import BaseRouteHandler

from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Authenticator, Connection, Guard, Shared, needs

SHARING_PARAMETER = "sharing_access_token"


def needs_or_shared(scope: str, kind: str, parameter: str) -> Guard:
    """Let in callers that hold the scope, and on this very thing of the path also whoever has a link that shares it.

    Then `shared_of` returns it, and there is no actor: the handler must show no more than the public may know.
    """
    for_callers = needs(scope)

    async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        if not has_sharing_token(connection):
            await for_callers(connection, handler)
            return
        authenticator: Authenticator = connection.app.state.authenticator
        shared, wanted = await authenticator.shared(connection), connection.path_params
        if (str(shared.project_id), shared.kind, shared.id) != (
            wanted["project_id"],
            kind,
            wanted[parameter],
        ):
            raise PermissionDenied
        connection.scope["state"]["shared"] = shared

    guard.admits = "scope"  # type: ignore[attr-defined]  # read by the generated page of routes
    guard.scopes = (scope,)  # type: ignore[attr-defined]
    return guard


def has_sharing_token(connection: Connection) -> bool:
    """Say whether the caller comes by a sharing token, right or wrong: then nothing else about them counts."""
    return SHARING_PARAMETER.encode() in connection.scope["query_string"] and (
        SHARING_PARAMETER in connection.query_params
    )


def shared_of(connection: Connection) -> Shared | None:
    """Return what was let in by `needs_or_shared`; None for a caller who is known."""
    found: Shared | None = connection.scope["state"].get("shared")
    return found
