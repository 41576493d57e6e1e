"""`python -m benchmarks.trials.dependencies`: guards and dependencies as Litestar has them, and after `without_detours`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Response, get
from litestar.di import NamedDependency, Provide

from benchmarks.trials import compare
from benchmarks.trials.middleware import Asked
from parley.kernel.dependencies import without_detours

Number = NamedDependency[int]


async def _let_in(_: Any, __: Any) -> None:
    return


def _one() -> int:
    return 1


def _other() -> int:
    return 3


async def _transaction() -> AsyncIterator[int]:
    yield 2


def application() -> Litestar:
    """Return an application whose handler has one guard and three dependencies."""
    dependencies = {
        "actor": Provide(_one, sync_to_thread=False),
        "services": Provide(_other, sync_to_thread=False),
        "db": Provide(_transaction),
    }

    @get("/api/thing", guards=[_let_in], dependencies=dependencies, sync_to_thread=False)
    def show_thing(actor: Number, services: Number, db: Number) -> Response[bytes]:
        return Response(b"{}", media_type="application/json")

    return Litestar([show_thing], openapi_config=None)


async def main() -> None:
    theirs, ours = application(), application()
    without_detours(ours)
    await compare({"Litestar": lambda: Asked().ask(theirs), "without_detours": lambda: Asked().ask(ours)})


if __name__ == "__main__":
    asyncio.run(main())
