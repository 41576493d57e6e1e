"""From where the request that is being answered comes, for what is written about it; nobody has to hand it on.

The middleware says which request runs. Everything is read from it only when somebody asks: most requests have no use for it.
Outside of a request, in jobs and commands, there is none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

from parley.kernel.http.authorization import Principal
from parley.kernel.text.forms import storable

MAX_AGENT = 300
"""Characters of a user agent that anybody keeps."""


class RequestOrigin(msgspec.Struct, frozen=True):
    """Where something comes from. `address` is what the middleware made of proxies: only trusted ones are believed.

    `key` has id and label of a token that has let in a program which acts for no user, such as an identity provider.
    """

    address: str = ""
    user_agent: str = ""
    principal: Principal | None = None
    key: tuple[str, str] | None = None


KEY_OF_REQUEST = "key_of_request"
"""Where a guard that finds no principal leaves `key` in the state of the request."""
NOWHERE = RequestOrigin()
"""Of what no request has asked for."""

_scope: ContextVar[Any] = ContextVar("scope of the request", default=None)
_given: ContextVar[RequestOrigin | None] = ContextVar("origin of work", default=None)


@contextmanager
def answering(scope: Any) -> Iterator[None]:
    """Let what runs inside know the request that it answers."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def on_behalf_of(origin: RequestOrigin) -> Iterator[None]:
    """Let a job that continues a request's business know from where that came."""
    token = _given.set(origin)
    try:
        yield
    finally:
        _given.reset(token)


def request_origin() -> RequestOrigin | None:
    """Return from where the request comes that is being answered, and who its caller is; None outside of one."""
    given = _given.get()
    scope = _scope.get()
    if given is not None or scope is None:
        return given
    client = scope.get("client")
    agents = [value for name, value in scope["headers"] if name == b"user-agent"]
    return RequestOrigin(
        address=client[0] if client else "",
        user_agent=_plain(agents[0].decode("latin-1")) if agents else "",
        principal=scope.get("state", {}).get("principal"),
        key=scope.get("state", {}).get(KEY_OF_REQUEST),
    )


def _plain(agent: str) -> str:
    """Return what a user agent says, in one line of a bounded length."""
    return storable(" ".join(agent[: 4 * MAX_AGENT].split()))[:MAX_AGENT]
