"""Background work of suggestions: the index follows what is resolved and written."""

from datetime import timedelta
from time import monotonic
from uuid import UUID

from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, enqueue, job, on, rest, work
from parley.kernel.services import Services
from parley.knowledge.articles.actions import CHANGED
from parley.knowledge.suggested_replies.actions import indexing

INDEX_OLDER, QUEUE = "suggested_replies.index_older", "index"
MOST_PROJECTS = 50
RUN_S = 60.0


@on("ticket.answers_changed", "suggested_replies.index_ticket")
async def index_resolved_ticket(db: Db, _: Services, event: Event) -> None:
    """Let a ticket that was resolved be found by whoever answers a question like its own."""
    await indexing.index_tickets(db, event.project_id, [UUID(event.payload["ticket_id"])])


@on(CHANGED, "suggested_replies.index_article")
async def index_changed_article(db: Db, _: Services, event: Event) -> None:
    """Let a published article be found, and one that is not published be found no more."""
    await indexing.index_article(db, event.project_id, UUID(event.payload["article_id"]))


@job("suggested_replies.begin_backfill", every=timedelta(minutes=5))
async def begin_backfill(db: Db, _: Services) -> int:
    """Have the tickets indexed that were resolved before this version came; return of how many projects."""
    ids = await indexing.begin_backfill(db, MOST_PROJECTS)
    for id in ids:
        await enqueue(db, INDEX_OLDER, {}, project_id=id, queue=QUEUE)
    return len(ids)


@work(INDEX_OLDER, ahead_s=0)
async def index_older(services: Services, work: Work) -> None:
    """Index older tickets of a project, some at once, with rests; it goes on in another piece of work when it takes long."""
    until = monotonic() + RUN_S
    while not work.stopping.is_set() and monotonic() < until:
        async with work.turns:
            begun_at = monotonic()
            async with services.database.transaction() as db:
                is_behind = await indexing.index_older(db, work.project_id)
            took_s = monotonic() - begun_at
        if not is_behind:
            return
        await rest(work, took_s)
    async with services.database.transaction() as db:
        now = services.clock.now()
        await enqueue(db, INDEX_OLDER, {}, project_id=work.project_id, queue=QUEUE, not_before=now)
