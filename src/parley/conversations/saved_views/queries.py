"""Saved views, found through whoever asks: other people's private ones are not there."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal_column, or_, select

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.conversations.saved_views.rules import ViewFilters, Visibility, read_filters
from parley.conversations.saved_views.schemas import ViewOut
from parley.conversations.saved_views.tables import saved_view, saved_view_favorite
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.text.json_text import read_json

MAX_CHOICES = 100
USER_ID = bindparam("user_id", type_=saved_view.c.created_by.type)
IS_FAVORITE = saved_view_favorite.c.view_id.is_not(None)

# Somebody who left the organization counts as gone: only a creator who is a member joins.
_WITH_CREATOR = saved_view.join(project, project.c.id == saved_view.c.project_id).outerjoin(
    membership,
    and_(
        membership.c.organization_id == project.c.organization_id,
        membership.c.user_id == saved_view.c.created_by,
    ),
)
_VISIBLE: ColumnElement[bool] = and_(
    saved_view.c.project_id == bindparam("project_id"),
    or_(saved_view.c.visibility == "shared", membership.c.user_id.is_(None), membership.c.user_id == USER_ID),
)
# The views of somebody who left are shared, whatever they were.
_HOW_FAR = case((membership.c.user_id.is_(None), literal_column("'shared'")), else_=saved_view.c.visibility)
_THIS = saved_view.c.short_id == bindparam("short_id")
_VIEW = StructColumns(ViewOut, saved_view, is_favorited=IS_FAVORITE, created_by=USER.or_none())
_VIEWS: Select[Any] = (
    select(*_VIEW.columns)
    .select_from(_WITH_CREATOR)
    .outerjoin(user_account, user_account.c.id == membership.c.user_id)
    .outerjoin(
        saved_view_favorite,
        and_(
            saved_view_favorite.c.project_id == saved_view.c.project_id,
            saved_view_favorite.c.user_id == USER_ID,
            saved_view_favorite.c.view_id == saved_view.c.id,
        ),
    )
    .where(_VISIBLE)
)
_FAVORITES_THEN_NEWEST = (IS_FAVORITE.desc(), saved_view.c.created_at.desc(), saved_view.c.id.desc())
_FILTERS = Prepared(select(saved_view.c.filters).select_from(_WITH_CREATOR).where(_VISIBLE, _THIS))


def _values(actor: Actor) -> dict[str, Any]:
    return {"project_id": actor.project_id, "user_id": actor.user_id}


def _shown(row: Sequence[Any]) -> ViewOut:
    found = _VIEW(row)
    filters: Any = found.filters  # text, as it is stored
    visibility = found.visibility if found.created_by else "shared"
    return msgspec.structs.replace(found, filters=read_json(filters), visibility=visibility)


async def view_by_short_id(db: Db, actor: Actor, short_id: str, *, is_held: bool = False) -> ViewOut:
    """Return a view that the caller may see (unique key of project and short id); raises NotFound.

    With `is_held` nobody else can change or delete it until the transaction ends.
    """
    found = _VIEWS.where(_THIS)
    if is_held:
        found = found.with_for_update(of=saved_view)
    row = (await db.execute(found, {**_values(actor), "short_id": short_id})).first()
    if row is None:
        raise NotFound
    return _shown(row)


async def view_page(db: Db, actor: Actor, asked: PageRequest) -> tuple[int, list[ViewOut]]:
    """Return how many views the caller sees, and a page of them: their favourites first, then the newest.

    Served by the index on project and moment; a project has few enough views to sort them.
    """
    counted = select(func.count()).select_from(_WITH_CREATOR).where(_VISIBLE)
    count = (await db.execute(counted, _values(actor))).scalar_one()
    page = _VIEWS.order_by(*_FAVORITES_THEN_NEWEST).limit(asked.limit).offset(asked.offset)
    return count, [_shown(row) for row in await db.execute(page, _values(actor))]


class ViewChoice(msgspec.Struct, frozen=True):
    """A view by what a list of choices needs of it."""

    short_id: str
    name: str
    visibility: Visibility
    is_favorited: bool


_CHOICES = Prepared(
    _VIEWS.with_only_columns(saved_view.c.short_id, saved_view.c.name, _HOW_FAR, IS_FAVORITE)
    .order_by(*_FAVORITES_THEN_NEWEST)
    .limit(MAX_CHOICES)
)


async def view_choices(database: Database, actor: Actor) -> list[ViewChoice]:
    """Return the views that the caller sees, their favourites first, then the newest; as many as one can choose from.

    Served by the index on project and moment; a project has few enough views to sort them.
    """
    return [ViewChoice(*row) for row in await database.read(_CHOICES, **_values(actor))]


_FILTERS_OF_SOME = Prepared(
    select(saved_view.c.short_id, saved_view.c.filters)
    .select_from(_WITH_CREATOR)
    .where(_VISIBLE, is_one_of(saved_view.c.short_id, listed("short_ids", saved_view.c.short_id)))
)


async def filters_of_views(
    database: Database, actor: Actor, short_ids: Sequence[str]
) -> dict[str, ViewFilters]:
    """Return what those of the views filter by that the caller sees (unique key of project and short id)."""
    rows = await database.read(_FILTERS_OF_SOME, **_values(actor), short_ids=list(short_ids))
    return {short_id: read_filters(filters) for short_id, filters in rows}


async def held_filters_with_tags(db: Db, project_id: int) -> Sequence[Sequence[Any]]:
    """Return id and stored filters of all views of a project that may name tags; nobody else changes these meanwhile."""
    mine = (saved_view.c.project_id == project_id, saved_view.c.filters.contains('"tags'))
    held = select(saved_view.c.id, saved_view.c.filters).where(*mine).order_by(saved_view.c.id)
    return (await db.execute(held.with_for_update())).all()


async def visible_view_filters(database: Database, actor: Actor, short_id: str) -> ViewFilters | None:
    """Return what a view filters by, for the ticket list; None where the caller sees no such view.

    Served by the unique key of project and short id. What can't be read of old filters is left out.
    """
    found = await database.read(_FILTERS, **_values(actor), short_id=short_id)
    return read_filters(found[0][0]) if found else None
