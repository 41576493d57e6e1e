"""What handlers may ask for by name: `db`, `actor`, `principal`, and the services of the application's state."""

from collections.abc import AsyncGenerator
from typing import Any

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from parley.kernel.access import Actor, Principal
from parley.kernel.cache import Cache
from parley.kernel.clock import Clock
from parley.kernel.db import Database, Db
from parley.kernel.live import Live
from parley.kernel.request import ParleyRequest
from parley.kernel.secrets import Vault
from parley.kernel.settings import Settings


class Services:
    """The services of this process, made once by `main`; features get them by name and never look further."""

    def __init__(
        self, *, settings: Settings, database: Database, cache: Cache, live: Live, clock: Clock, vault: Vault
    ) -> None:
        self.settings = settings
        self.database = database
        self.cache = cache
        self.live = live
        self.clock = clock
        self.vault = vault


async def provide_db(request: ParleyRequest, state: State) -> AsyncGenerator[Db, None]:
    """Open the request's transaction and commit it when the handler has returned, before the answer leaves."""
    database: Database = state.services.database
    async with database.transaction(write=request.method not in ("GET", "HEAD", "OPTIONS")) as db:
        yield db


def provide_actor(request: ParleyRequest) -> Actor:
    actor: Actor = request.state.actor
    return actor


def provide_principal(request: ParleyRequest) -> Principal:
    principal: Principal = request.state.principal
    return principal


def provide_services(state: State) -> Services:
    services: Services = state.services
    return services


def dependencies() -> dict[str, Any]:
    """Return what the application registers."""
    return {
        "db": Provide(provide_db),
        "actor": Provide(provide_actor, sync_to_thread=False),
        "principal": Provide(provide_principal, sync_to_thread=False),
        "services": Provide(provide_services, sync_to_thread=False),
    }


Who = NamedDependency[Actor]
Caller = NamedDependency[Principal]
Tx = NamedDependency[Db]
With = NamedDependency[Services]
