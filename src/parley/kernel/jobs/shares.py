"""How people share the places of a queue, so that one who asks for much keeps no other waiting."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any

import msgspec
from sqlalchemy import Select

from parley.kernel.database.transaction import Db
from parley.kernel.jobs.registry import SHARES
from parley.kernel.jobs.tables import outbox

NO_PROJECT = 0
"""Of work that belongs to none, such as mails about accounts; it has no share."""
MOST_KNOWN = 10_000


class Owners(msgspec.Struct, frozen=True):
    """To whom projects belong, who has one share for all of them: whoever likes makes another project.

    `of` selects ids of projects with their owners, `siblings` the ids of all projects that the owners of some have. No
    project changes its owner.
    """

    of: Callable[[Collection[int]], Select[Any]]
    siblings: Callable[[Collection[int]], Select[Any]]


class Shares:
    """The shares of one process. Without `owners` each project has one of its own."""

    def __init__(self, owners: Owners | None) -> None:
        self._owners = owners
        self._known: dict[int, Hashable] = {}

    async def claimed(self, db: Db, queue: str, due: Select[Any], running: Iterable[int]) -> list[Any]:
        """Return and lock rows that are due, as many as the statement wants and of nobody more than their share.

        `running` are the projects of what runs here, one for each piece. Who has something running comes last.
        """
        most = SHARES.get(queue)
        if most is None:
            return list((await db.execute(_in_order(due))).all())
        projects = [project_id for project_id in running if project_id != NO_PROJECT]
        taken = Counter([await self._owner(db, project_id) for project_id in projects])
        full = {one for one in projects if taken[await self._owner(db, one)] >= most}
        if projects:
            due = due.where(outbox.c.project_id.not_in(self._siblings(full)))
            due = due.order_by(outbox.c.project_id.in_(self._siblings({*projects})))
        found = []
        for row in (await db.execute(_in_order(due))).all():
            owner = await self._owner(db, row.project_id)
            taken[owner] += row.project_id != NO_PROJECT
            if taken[owner] <= most:
                found.append(row)
        return found

    async def _owner(self, db: Db, project_id: int) -> Hashable:
        """Return whose share the work of a project is; the project itself where nobody has it any more."""
        if project_id not in self._known and project_id != NO_PROJECT and self._owners is not None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            row: Any = (await db.execute(self._owners.of([project_id]))).first()
            if row is not None:
                self._known[project_id] = row[1]
        return self._known.get(project_id, project_id)

    def _siblings(self, project_ids: Collection[int]) -> Any:
        if self._owners is None or not project_ids:
            return list(project_ids)
        return self._owners.siblings(list(project_ids))


def _in_order(due: Select[Any]) -> Select[Any]:
    due = due.order_by(outbox.c.available_at, outbox.c.id)
    return due.with_for_update(skip_locked=True)
