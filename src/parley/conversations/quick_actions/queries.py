"""Quick actions, found through whoever asks: other people's personal ones are not there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from parley.accounts.users.queries import BASIC_COLUMNS, user_of
from parley.accounts.users.tables import user_account
from parley.conversations.quick_actions.schemas import QuickActionOut
from parley.conversations.quick_actions.tables import quick_action
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest

_SHOWN: Select[Any] = (
    select(
        quick_action.c.id,
        quick_action.c.short_id,
        quick_action.c.name,
        quick_action.c.description,
        quick_action.c.content,
        quick_action.c.rich_content,
        quick_action.c.actions,
        quick_action.c.visibility,
        quick_action.c.created_at,
        quick_action.c.updated_at,
        *BASIC_COLUMNS,
    )
    .select_from(quick_action)
    .outerjoin(user_account, user_account.c.id == quick_action.c.created_by)
)
N_OWN_COLUMNS = 10


def _visible(actor: Actor) -> ColumnElement[bool]:
    return and_(
        quick_action.c.project_id == actor.project_id,
        or_(quick_action.c.visibility == "team", quick_action.c.created_by == actor.user_id),
    )


def _out(row: Sequence[Any]) -> QuickActionOut:
    names = QuickActionOut.__struct_fields__[:N_OWN_COLUMNS]
    own = dict(zip(names, row[:N_OWN_COLUMNS], strict=True))
    return QuickActionOut(**own, created_by=user_of(row[N_OWN_COLUMNS:]))


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
    return _out(row)


async def quick_action_page(db: Db, actor: Actor, asked: PageRequest) -> tuple[int, list[QuickActionOut]]:
    """Return how many quick actions the caller sees, and a page of them by name (index on project and name)."""
    counted = select(func.count()).select_from(quick_action).where(_visible(actor))
    count = (await db.execute(counted)).scalar_one()
    page = _SHOWN.where(_visible(actor)).order_by(quick_action.c.name, quick_action.c.id)
    return count, [_out(row) for row in await db.execute(page.limit(asked.limit).offset(asked.offset))]
