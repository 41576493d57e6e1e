"""What the reader has to do, shown beside the list while no conversation is open."""

from typing import ClassVar

import msgspec

from parley.inbox.inbox_page.first_steps import FirstStep
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.passages import FoundTexts
from parley.inbox.ticket_rows.queries.list_pages import inbox_page
from parley.inbox.ticket_rows.rows import Row, RowFacts, rows_view
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

MINE, OVERDUE = ListAddress(who="mine"), ListAddress(who="mine", sla="breached")
MOST_SHOWN = 5


class OwnList(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the reader's tickets, and where the rest of them are."""

    title: str
    rows: list[Row]
    path: str
    has_more: bool


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the list: the first steps of a project, and the reader's own tickets."""

    steps: list[FirstStep]
    lists: list[OwnList]
    # Of steps that are done elsewhere no notice comes: their state is asked for with each beat of the line, and when
    # somebody comes back to the page.
    trigger: ClassVar[str] = "sse:inbox, sse:resync, sse:beat, resync from:body, looked-at from:body"

    @property
    def n_done(self) -> int:
        """Return how many of the steps are done."""
        return sum(step.is_done for step in self.steps)


async def own_lists(services: Services, actor: Actor) -> list[OwnList]:
    """Return the reader's overdue tickets and the open ones, those of them that there are (ix_ticket_assignee)."""
    own, late = [
        await inbox_page(services, actor, wanted, None, MOST_SHOWN)
        for wanted in (MINE.filter, msgspec.structs.replace(OVERDUE.filter, is_overdue=True))
    ]
    facts = RowFacts(names={}, labels={}, called={}, said_by={}, found=FoundTexts(), now=services.clock.now())
    named = (("Overdue", OVERDUE, late), ("Assigned to you", MINE, own))
    return [
        OwnList(
            title=title,
            rows=list(rows_view(found, address, facts).rows),
            path=f"/inbox{address.query}",
            has_more=found.cursor is not None,
        )
        for title, address, found in named
        if found.tickets
    ]
