"""What can be shared. The features that have it are above or beside this one, so `main` hands it in."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from parley.analytics.sharing.rules.configurations import TargetType
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest


async def _anybody(db: Db, actor: Actor, id: str) -> None:
    return None


class ShareTarget(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing that can be shared.

    `public(db, project_id, id, now)` returns what everybody with the link may know of it, an object of JSON, and None
    once it is deleted. `check_may_share(db, actor, id)` raises NotFound or PermissionDenied; by default whoever may
    manage shares may share it, whether it is there yet or not.
    """

    public: Callable[[Db, int, str, datetime], Awaitable[Mapping[str, Any] | None]]
    check_may_share: Callable[[Db, Actor, str], Awaitable[None]] = _anybody


ShareTargets = Mapping[TargetType, ShareTarget]


def target_of(request: ParleyRequest, kind: str) -> ShareTarget:
    """Return what `main` has handed in for this kind; raises NotFound for another one."""
    targets: Mapping[str, ShareTarget] = request.app.state.share_targets
    if kind not in targets:
        raise NotFound
    return targets[kind]


class SharedThing(msgspec.Struct, frozen=True):
    """What a request of somebody who manages shares is about."""

    kind: TargetType
    id: str
    target: ShareTarget
