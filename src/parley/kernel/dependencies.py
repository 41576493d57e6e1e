"""What handlers may ask for by name: `db`, `actor`, `principal`, and the services of the application's state."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from litestar import Litestar
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor, Connection, Principal
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import HEADER, keep_answers_of, transaction_once
from parley.kernel.services import Services

ActorDependency = NamedDependency[Actor]
PrincipalDependency = NamedDependency[Principal]
DbDependency = NamedDependency[Db]
ServicesDependency = NamedDependency[Services]


async def provide_db(request: ParleyRequest, services: ServicesDependency) -> AsyncGenerator[Db, None]:
    """Open the request's transaction and commit it when the handler has returned, before the answer leaves."""
    if request.method == "POST" and HEADER in request.headers and request.route_handler.opt.get("opens_once"):
        async with own_transaction(request, services) as db:
            yield db
        return
    database = services.database
    async with database.transaction(write=request.method not in ("GET", "HEAD", "OPTIONS")) as db:
        yield db


def own_transaction(request: ParleyRequest, services: Services) -> AbstractAsyncContextManager[Db]:
    """Open the transaction of a known caller's request, which happens once for each `Idempotency-Key`.

    For handlers that have something to do before the transaction begins, or after it; they `keep` their answers.
    """
    state = request.scope["state"]
    principal: Principal = state["principal"]
    actor: Actor | None = state.get("actor")
    return transaction_once(
        request,
        services,
        project_id=actor.project_id if actor else 0,
        caller=f"key:{principal.key_id}" if principal.is_key else f"user:{principal.user_id}",
    )


def provide_actor(request: ParleyRequest) -> Actor:
    actor: Actor = request.scope["state"]["actor"]
    return actor


def provide_principal(request: ParleyRequest) -> Principal:
    principal: Principal = request.scope["state"]["principal"]
    return principal


def dependencies(services: Services) -> dict[str, Any]:
    """Return what the application registers."""

    def provide_services() -> Services:
        return services

    return {
        "db": Provide(provide_db),
        "actor": Provide(provide_actor, sync_to_thread=False),
        "principal": Provide(provide_principal, sync_to_thread=False),
        "services": Provide(provide_services, sync_to_thread=False),
    }


def without_detours(app: Litestar) -> None:
    """Take out what costs each request as much as its own work does, and is of no use here.

    Litestar starts a task for each dependency where a handler wants more than one. Ours have nothing to wait for at
    the same time, so they are made one after the other. And it copies the handler for each guard of each request;
    ours only read it.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler, model in route.route_handler_map.values():
                model.dependency_batches = [{one} for batch in model.dependency_batches for one in batch]
                if hasattr(handler, "__dict__"):  # all but the OPTIONS handlers of Litestar itself
                    keep_answers_of(handler)
                    handler.authorize_connection = partial(_authorize, handler)  # type: ignore[method-assign]


async def _authorize(handler: HTTPRouteHandler, connection: Connection) -> None:
    for guard in handler.resolve_guards():
        await guard(connection, handler)  # type: ignore[misc]
