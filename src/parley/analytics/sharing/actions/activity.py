"""What the activity log is told of a share: under the thing that is shared."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.schemas import Change, Detail, Entry
from parley.accounts.projects.actions.audit import record_in_project
from parley.analytics.sharing.rules.configurations import LOG_SCOPES, TargetType, logged_id
from parley.analytics.sharing.schemas import StoredShare
from parley.analytics.sharing.targets import SharedThing
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


async def log_of(
    db: Db,
    services: Services,
    actor: Actor,
    thing: SharedThing,
    activity: str,
    changes: Sequence[Change] = (),
) -> None:
    """Write what somebody of the project has done to the share of a thing."""
    await record(
        db, _entry(actor.project_id, actor.user_id, thing.kind, thing.id, activity, changes, services)
    )
    plain = [one for one in changes if one.field != "share_passwords"]
    await record_in_project(
        db,
        services,
        actor.project_id,
        "share." + activity.removeprefix("sharing ").removeprefix("share ").replace(" ", "_"),
        target=(thing.kind, thing.id, f"{thing.kind} {thing.id}"),
        before={one.field: one.before for one in plain} or None,
        after={one.field: one.after for one in plain} or None,
    )


async def log_of_stranger(
    db: Db, services: Services, share: StoredShare, activity: str, after: Mapping[str, Any]
) -> None:
    """Write what somebody has done who has nothing but the link."""
    scope = LOG_SCOPES[share.target_type]
    changes = [Change(type=scope, action="created", field="share_login", before=None, after=dict(after))]
    entry = _entry(share.project_id, None, share.target_type, share.target_id, activity, changes, services)
    await record(db, entry)


def _entry(
    project_id: int,
    user_id: int | None,
    kind: TargetType,
    id: str,
    activity: str,
    changes: Sequence[Change],
    services: Services,
) -> Entry:
    return Entry(
        project_id=project_id,
        user_id=user_id,
        activity=activity,
        scope=LOG_SCOPES[kind],
        item_id=logged_id(id),
        detail=Detail(name=id, changes=changes),
        created_at=services.clock.now(),
    )


def changes_of(kind: TargetType, before: Any, changed: Mapping[str, Any]) -> list[Change]:
    """Return what changed as the log shows it."""
    return [
        Change(
            type=LOG_SCOPES[kind],
            action="changed",
            field=name,
            before=_shown(getattr(before, name)),
            after=_shown(value),
        )
        for name, value in changed.items()
    ]


def _shown(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
