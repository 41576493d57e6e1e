"""Quick actions, found through whoever asks: other people's personal ones are not there."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Boolean, ColumnElement, Integer, Select, and_, bindparam, func, or_, select

from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.conversations.quick_actions.schemas import QuickActionOut
from parley.conversations.quick_actions.tables import quick_action
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest

_QUICK_ACTION = StructColumns(QuickActionOut, quick_action, created_by=USER.or_none())
_SHOWN: Select[Any] = (
    select(*_QUICK_ACTION.columns)
    .select_from(quick_action)
    .outerjoin(user_account, user_account.c.id == quick_action.c.created_by)
)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return and_(
        quick_action.c.project_id == actor.project_id,
        or_(quick_action.c.visibility == "team", quick_action.c.created_by == actor.user_id),
    )


async def quick_action_by_short_id(
    db: Db, actor: Actor, short_id: str, *, is_held: bool = False
) -> QuickActionOut:
    """Return a quick action that the caller may see (unique key of project and short id); raises NotFound.

    With `is_held` nobody else can change or delete it until the transaction ends.
    """
    found = _SHOWN.where(_visible(actor), quick_action.c.short_id == short_id)
    if is_held:
        found = found.with_for_update(of=quick_action)
    row = (await db.execute(found)).first()
    if row is None:
        raise NotFound
    return _QUICK_ACTION(row)


async def held_actions(db: Db, project_id: int) -> Sequence[Sequence[Any]]:
    """Return id and stored actions of all quick actions of a project; nobody else changes these meanwhile."""
    mine = select(quick_action.c.id, quick_action.c.actions).where(quick_action.c.project_id == project_id)
    return (await db.execute(mine.order_by(quick_action.c.id).with_for_update())).all()


async def quick_action_page(db: Db, actor: Actor, asked: PageRequest) -> tuple[int, list[QuickActionOut]]:
    """Return how many quick actions the caller sees, and a page of them by name (index on project and name)."""
    counted = select(func.count()).select_from(quick_action).where(_visible(actor))
    count = (await db.execute(counted)).scalar_one()
    page = _SHOWN.where(_visible(actor)).order_by(quick_action.c.name, quick_action.c.id)
    return count, [
        _QUICK_ACTION(row) for row in await db.execute(page.limit(asked.limit).offset(asked.offset))
    ]


class QuickActionLine(msgspec.Struct, frozen=True):
    """A quick action as a menu shows it: the beginning of its text, and what it sets."""

    short_id: str
    name: str
    description: str
    content: str
    actions: Any


_LINES = Prepared(
    select(
        quick_action.c.short_id,
        quick_action.c.name,
        quick_action.c.description,
        func.substr(quick_action.c.content, 1, bindparam("length", type_=Integer)),
        quick_action.c.actions,
    )
    .where(
        quick_action.c.project_id == bindparam("project_id"),
        or_(quick_action.c.visibility == "team", quick_action.c.created_by == bindparam("user_id")),
    )
    .order_by(quick_action.c.name, quick_action.c.id)
    .limit(bindparam("most", type_=Integer))
    .offset(bindparam("offset", type_=Integer))
)


async def quick_action_lines(
    database: Database, actor: Actor, *, most: int, length: int, offset: int = 0
) -> list[QuickActionLine]:
    """Return some of the quick actions that the caller sees, by name (index on project and name), long texts cut."""
    values = {"user_id": actor.user_id, "most": most, "length": length, "offset": offset}
    return [
        QuickActionLine(*row) for row in await database.read(_LINES, project_id=actor.project_id, **values)
    ]


class QuickAnswer(msgspec.Struct, frozen=True):
    """What a quick action says, without what it sets; a long text is cut."""

    id: UUID
    short_id: str
    name: str
    description: str
    content: str


_ANSWERS = Prepared(
    select(
        quick_action.c.id,
        quick_action.c.short_id,
        quick_action.c.name,
        quick_action.c.description,
        func.substr(quick_action.c.content, 1, bindparam("length", type_=Integer)),
    )
    .where(
        quick_action.c.project_id == bindparam("project_id"),
        or_(
            quick_action.c.visibility == "team",
            and_(bindparam("with_own", type_=Boolean), quick_action.c.created_by == bindparam("user_id")),
        ),
        quick_action.c.content != "",
    )
    .order_by(quick_action.c.updated_at.desc())
    .limit(bindparam("most", type_=Integer))
)


async def quick_answers(
    database: Database, actor: Actor, *, with_own: bool, most: int, length: int
) -> list[QuickAnswer]:
    """Return the team's quick actions with a text, and the caller's personal ones `with_own`; those changed last first.

    They are sorted among all of the project.
    """
    values = {"user_id": actor.user_id, "with_own": with_own, "most": most, "length": length}
    return [QuickAnswer(*row) for row in await database.read(_ANSWERS, project_id=actor.project_id, **values)]
