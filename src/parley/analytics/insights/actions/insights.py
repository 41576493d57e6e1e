"""Insights are saved, changed, taken out of every list and brought back."""

from typing import Any

from sqlalchemy import insert, update

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import check_at_least
from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.rules import activity_of
from parley.accounts.activity_log.schemas import Change, Detail, Entry
from parley.analytics.insights.queries.insights import insight_by_key
from parley.analytics.insights.rules.naming import new_short_id
from parley.analytics.insights.rules.questions import checked_question
from parley.analytics.insights.schemas import InsightPatch, NewInsight, StoredInsight
from parley.analytics.insights.tables import insight
from parley.analytics.query_schema.personal import check_sees_persons
from parley.conversations.tickets.rules.tags import checked_tags
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_number
from parley.kernel.services import Services
from parley.kernel.text.json_text import read_json
from parley.kernel.text.time_zones import zone

SCOPE = "Insight"
UNLOGGED = ("favorited", "saved", "derived_name", "dashboards")
"""What is about lists, or is logged by who does it."""


async def create_insight(db: Db, services: Services, actor: Actor, new: NewInsight) -> StoredInsight:
    """Save an insight; raises Invalid for a query that can't be answered, and PermissionDenied."""
    check_may_edit(actor)
    id, now, asked = new_number(), services.clock.now(), _asked(services, actor, new.query)
    row = {
        **asked,
        "name": new.name,
        "derived_name": new.derived_name or asked["derived_name"],
        "description": new.description or "",
        "saved": new.saved,
        "favorited": new.favorited,
        "tags": checked_tags(new.tags),
        "project_id": actor.project_id,
        "id": id,
        "short_id": new_short_id(),
        "deleted": False,
        "created_by": actor.user_id,
        "created_at": now,
        "updated_at": now,
        "last_modified_by": actor.user_id,
        "last_modified_at": now,
    }
    await db.execute(insert(insight).values(**row))
    made = await insight_by_key(db, actor.project_id, str(id))
    await _log(db, services, actor, made, "created", [])
    return made


async def change_insight(
    db: Db, services: Services, actor: Actor, key: str, patch: InsightPatch
) -> StoredInsight:
    """Change what the patch names; raises NotFound, Invalid and PermissionDenied, and then nothing is changed.

    One that is deleted can only be brought back: `deleted` must be among what is changed, and false.
    """
    is_restored = patch.deleted is False
    found = await insight_by_key(db, actor.project_id, key, with_deleted=is_restored, is_held=True)
    check_may_edit(actor)
    changes = _changes(services, actor, found, patch)
    if not changes:
        return found
    now = services.clock.now()
    values = {**changes, "updated_at": now}
    if set(changes) - {"favorited"}:
        values |= {"last_modified_by": actor.user_id, "last_modified_at": now}
    mine = (insight.c.project_id == actor.project_id, insight.c.id == found.id)
    await db.execute(update(insight).where(*mine).values(**values))
    changed = await insight_by_key(db, actor.project_id, str(found.id), with_deleted=True)
    await _log(db, services, actor, changed, activity_of(changes), _logged(found, changes))
    return changed


async def copy_insight(db: Db, services: Services, actor: Actor, id: int) -> StoredInsight | None:
    """Save a copy of an insight; None where it isn't there."""
    try:
        found = await insight_by_key(db, actor.project_id, str(id))
    except NotFound:
        return None
    same = {name: getattr(found, name) for name in ("name", "derived_name", "description", "saved", "tags")}
    return await create_insight(db, services, actor, NewInsight(**same, query=found.question))


def check_may_edit(actor: Actor) -> None:
    """Raise PermissionDenied for a member who may only look: every other one may change what the project has."""
    check_at_least(default_level(actor), "editor")


def _changes(services: Services, actor: Actor, found: StoredInsight, patch: InsightPatch) -> dict[str, Any]:
    """Return the columns that get another value."""
    changes = patched_fields(patch)
    changes.pop("dashboards", None)
    if "tags" in changes:
        changes["tags"] = checked_tags(changes["tags"])
    if "description" in changes:
        changes["description"] = changes["description"] or ""
    if "query" in changes:
        asked = _asked(services, actor, changes["query"])
        changes = asked | {name: value for name, value in changes.items() if name != "query"}
    return {name: value for name, value in changes.items() if getattr(found, name) != value}


def _asked(services: Services, actor: Actor, query: Any) -> dict[str, Any]:
    """Return the columns that come from a query: its text, its kind, and what an insight is called by itself."""
    if query is None:
        return {"query": None, "kind": None, "derived_name": None}
    question = checked_question(query, zone(actor.project.timezone), services.clock.now())
    check_sees_persons(actor, query)
    return {"query": question.text, "kind": question.kind, "derived_name": question.title}


def _logged(found: StoredInsight, changes: dict[str, Any]) -> list[Change]:
    return [
        Change(
            type=SCOPE,
            action="changed",
            field=name,
            before=_shown(name, getattr(found, name)),
            after=_shown(name, value),
        )
        for name, value in changes.items()
        if name not in (*UNLOGGED, "kind")
    ]


def _shown(name: str, value: Any) -> Any:
    return read_json(value) if name == "query" and value is not None else value


async def _log(
    db: Db, services: Services, actor: Actor, found: StoredInsight, activity: str, changes: list[Change]
) -> None:
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id=str(found.id),
        detail=Detail(name=found.title, short_id=found.short_id, changes=changes),
        created_at=services.clock.now(),
    )
    await record(db, entry)
