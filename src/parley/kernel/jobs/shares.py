"""How projects share the places of a queue, so that one that asks for much keeps no other waiting."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select

from parley.kernel.jobs.registry import SHARES
from parley.kernel.jobs.tables import outbox

NO_PROJECT = 0
"""Of work that belongs to none, such as mails about accounts; it has no share."""


class Shares:
    """The shares of one queue; `running` are the projects of what runs here, one for each piece."""

    def __init__(self, queue: str, running: Iterable[int]) -> None:
        self._most = SHARES.get(queue)
        self._running = Counter(project_id for project_id in running if project_id != NO_PROJECT)

    def fairly(self, due: Select[Any]) -> Select[Any]:
        """Leave out projects that have their share, and put those last that have a part of it."""
        if self._most is None or not self._running:
            return due
        full = [id for id, n_running in self._running.items() if n_running >= self._most]
        return due.where(outbox.c.project_id.not_in(full)).order_by(outbox.c.project_id.in_([*self._running]))

    def within(self, rows: Sequence[Any]) -> list[Any]:
        """Return the rows without those that are more than the share of their project."""
        if self._most is None:
            return list(rows)
        taken, found = self._running.copy(), []
        for row in rows:
            taken[row.project_id] += row.project_id != NO_PROJECT
            if taken[row.project_id] <= self._most:
                found.append(row)
        return found
