"""Saving, changing and deleting views, and remembering favourites."""

from typing import Any
from uuid import UUID

from msgspec import UNSET, structs
from sqlalchemy import delete, insert, update

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.rules import check_may_share
from parley.conversations.saved_views.queries import held_filters_with_tags, view_by_short_id
from parley.conversations.saved_views.rules import check_visibility_change, checked_filters, with_renamed_tag
from parley.conversations.saved_views.schemas import NewView, ViewOut, ViewPatch
from parley.conversations.saved_views.tables import saved_view, saved_view_favorite
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.services import Services

SHORT_ID_LENGTH = 8


async def save_view(db: Db, services: Services, actor: Actor, new: NewView) -> ViewOut:
    """Save a view of the caller's; raises Invalid for filters that can't be, and PermissionDenied."""
    if new.visibility == "shared":
        check_may_share(default_level(actor), "make a view of everybody")
    short_id = new_token(length=SHORT_ID_LENGTH)
    await db.execute(
        insert(saved_view).values(
            **structs.asdict(new) | {"filters": checked_filters(new.filters)},
            project_id=actor.project_id,
            id=new_uuid(),
            short_id=short_id,
            created_by=actor.user_id,
            created_at=services.clock.now(),
        )
    )
    return await view_by_short_id(db, actor, short_id)


async def change_view(db: Db, actor: Actor, short_id: str, patch: ViewPatch) -> ViewOut:
    """Change what the patch names; nothing is stored unless all of it may be.

    Raises NotFound, Invalid and PermissionDenied.
    """
    found = await view_by_short_id(db, actor, short_id, is_held=True)
    changes = _changes(actor, found, patch)
    if changes and "shared" in (found.visibility, changes.get("visibility")):
        check_may_share(default_level(actor), "change a view of everybody")
    if changes:
        mine = (saved_view.c.project_id == actor.project_id, saved_view.c.id == found.id)
        await db.execute(update(saved_view).where(*mine).values(**changes))
    if patch.is_favorited is not UNSET:
        await _mark_favorite(db, actor, found.id, is_favorite=patch.is_favorited)
    return await view_by_short_id(db, actor, short_id)


def _changes(actor: Actor, found: ViewOut, patch: ViewPatch) -> dict[str, Any]:
    changes = patched_fields(patch)
    changes.pop("is_favorited", None)
    if "filters" in changes:
        changes["filters"] = checked_filters(changes["filters"])
    if "visibility" in changes:
        creator = found.created_by
        check_visibility_change(
            found.visibility,
            changes["visibility"],
            is_creator_gone=creator is None,
            is_creator=creator is not None and creator.id == actor.user_id,
        )
    return changes


async def _mark_favorite(db: Db, actor: Actor, view_id: UUID, *, is_favorite: bool) -> None:
    """Make the view a favourite of the caller's, or no longer; safe to repeat."""
    key = {"project_id": actor.project_id, "user_id": actor.user_id, "view_id": view_id}
    if is_favorite:
        await db.execute(insert_for(db.dialect, saved_view_favorite).values(**key).on_conflict_do_nothing())
    else:
        mine = (saved_view_favorite.c[name] == value for name, value in key.items())
        await db.execute(delete(saved_view_favorite).where(*mine))


async def rename_tag_in_views(db: Db, project_id: int, name: str, to: str) -> None:
    """Let all views of a project that filter by a tag filter by its new name; safe to repeat."""
    for id, filters in await held_filters_with_tags(db, project_id):
        renamed = with_renamed_tag(filters, name, to)
        if renamed is not None:
            this = (saved_view.c.project_id == project_id, saved_view.c.id == id)
            await db.execute(update(saved_view).where(*this).values(filters=renamed))


async def delete_view(db: Db, actor: Actor, short_id: str) -> None:
    """Delete a view that the caller sees, for everybody; raises NotFound and PermissionDenied."""
    found = await view_by_short_id(db, actor, short_id, is_held=True)
    if found.visibility == "shared":
        check_may_share(default_level(actor), "delete a view of everybody")
    mine = (saved_view.c.project_id == actor.project_id, saved_view.c.id == found.id)
    await db.execute(delete(saved_view).where(*mine))
