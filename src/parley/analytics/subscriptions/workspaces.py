"""Slack workspaces of a project. Integrations are above this feature, so `main` hands in what knows of them."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services


class OfferedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace of a project, with the names of its channels by their ids; `problem` says why there are none."""

    integration_id: int
    channels: Mapping[str, str] = {}
    problem: str | None = None


class Workspaces(msgspec.Struct, frozen=True):
    """What integrations know.

    `kind_of(services, project_id, integration_id)` returns what kind of integration it is, None for one that the project
    doesn't have; `offered(services, project_id)` the workspace that it is connected to. Both have own transactions.
    """

    kind_of: Callable[[Services, int, int], Awaitable[str | None]]
    offered: Callable[[Services, int], Awaitable[OfferedWorkspace | None]]


def workspaces_of(request: ParleyRequest) -> Workspaces:
    """Return what `main` has handed in."""
    found: Workspaces = request.app.state.workspaces
    return found
