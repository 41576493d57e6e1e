"""What can be shared. The features that have it are above or beside this one, so `main` hands it in."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from parley.analytics.sharing.rules.configurations import MAX_TARGET_ID, TargetType
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services

PARAMETERS: Mapping[TargetType, str] = {
    "recording": "recording_id",
    "insight": "insight_id",
    "dashboard": "dashboard_id",
}
"""How paths call the things that can be shared."""


async def _anybody(db: Db, actor: Actor, id: str) -> None:
    return None


async def _as_named(db: Db, project_id: int, name: str) -> str:
    return name


async def _as_it_is(
    services: Services, project_id: int, id: str, public: Mapping[str, Any]
) -> Mapping[str, Any]:
    return public


class ShareTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing that can be shared.

    `public(db, project_id, id, now)` returns what everybody with the link may know of it, an object of JSON, and None
    once it is deleted. `check_may_share(db, actor, id)` raises NotFound or PermissionDenied; by default whoever may
    manage shares may share it, whether it is there yet or not.
    """

    public: Callable[[Db, int, str, datetime], Awaitable[Mapping[str, Any] | None]]
    check_may_share: Callable[[Db, Actor, str], Awaitable[None]] = _anybody
    found: Callable[[Db, int, str], Awaitable[str]] = _as_named
    opened: Callable[[Services, int, str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]] = _as_it_is
    template: str = "sharing/shared.html"


ShareTargets = Mapping[TargetType, ShareTarget]


def target_of(request: ParleyRequest, kind: str) -> ShareTarget:
    """Return what `main` has handed in for this kind; raises NotFound for another one."""
    targets: Mapping[str, ShareTarget] = request.app.state.share_targets
    if kind not in targets:
        raise NotFound
    return targets[kind]


async def thing_of(request: ParleyRequest, db: Db, project_id: int) -> "SharedThing":
    """Return what the path of a request names; raises NotFound for what can't be shared."""
    for kind, parameter in PARAMETERS.items():
        if name := request.path_params.get(parameter):
            target = target_of(request, kind)
            if len(name) > MAX_TARGET_ID:
                raise NotFound
            return SharedThing(kind, await target.found(db, project_id, name), target)
    raise NotFound


class SharedThing(msgspec.Struct, frozen=True):
    """What a request of somebody who manages shares is about."""

    kind: TargetType
    id: str
    target: ShareTarget
