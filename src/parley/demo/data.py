"""A believable project to look around in: people, 200 conversations, colleagues, tags and notes.

Everything is written through the same actions as real work, under a clock that goes through the last weeks.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.starter_dashboards.actions import add_starter_dashboards
from parley.conversations.messages.actions.comments import post_comment
from parley.conversations.messages.schemas import NewComment
from parley.conversations.threads.actions.messages import receive_message
from parley.conversations.threads.rules import Visitor
from parley.conversations.threads.schemas import CustomerMessage
from parley.conversations.ticket_api.actions import change_ticket
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketPatch
from parley.conversations.ticket_changes.rules.log import TicketRef
from parley.conversations.tickets.actions.fields import mark_read_by_team
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.demo import scripts as words
from parley.demo.backlog import store_backlogs
from parley.demo.recordings import Visit, believable_batches, store_recording
from parley.demo.stage import SPAN, DemoCustomer, Stage, TicketLife, set_stage
from parley.demo.visits import store_visits
from parley.inbox.ticket_rows.queries.counts import demo_key
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor, Project
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

N_TICKETS, AT_ONCE = 200, 10
RECORDED, RECORDED_MINUTES = (185, 193), 4.0
"""Of which conversations, from the oldest on, the visit was recorded, and for how long."""
PROGRESS_LASTS_S = 120.0
DUE_IN_HOURS = {"critical": 1, "high": 1, "medium": 2, "low": 4}


async def load_demo_data(services: Services, project_id: int) -> None:
    """Fill a project, a few conversations in each transaction; open inboxes see it grow."""
    project = await project_by_id(services.database, project_id)
    if project is None:
        raise NotFound("Project not found.")
    await _tell_progress(services, project_id, 0)  # an inbox that is open looked empty for seconds
    try:
        stage = await _play_all(services, project)
    finally:
        await services.cache.delete(demo_key(project_id), f"unread:{project_id}")
        await services.live.publish(f"project:{project_id}", "resync")
    for seed, visit in enumerate(stage.visits):
        stage.clock.at = visit.start_at + timedelta(minutes=RECORDED_MINUTES)
        batches = believable_batches(visit.start_at, RECORDED_MINUTES, seed)
        await store_recording(stage.services, project_id, visit, batches)


async def _play_all(services: Services, project: Project) -> Stage:
    """Store everything but the recordings; raises Invalid where the demo data is there already."""
    project_id, now = project.id, services.clock.now()
    stage = await set_stage(services, project, now)
    await store_visits(services, project_id, stage.customers, stage.chance)
    starts = sorted(now - SPAN * stage.chance.random() ** 1.7 for _ in range(N_TICKETS))
    played = words.scripts()
    for first in range(0, N_TICKETS, AT_ONCE):
        await _tell_progress(services, project_id, first)
        async with services.database.transaction() as db:
            for n, at in enumerate(starts[first : first + AT_ONCE], first):
                script, is_recorded = stage.chance.choice(played), n in RECORDED
                await _play(db, stage, script, at, now, is_recorded=is_recorded)
    await store_backlogs(services, project_id, stage.lives, starts[0])
    async with services.database.transaction() as db:
        await add_starter_dashboards(db, services, stage.agents[0])
    return stage


async def _tell_progress(services: Services, project_id: int, done: int) -> None:
    text = f"{done} of {N_TICKETS} conversations"
    await services.cache.set(demo_key(project_id), text.encode(), PROGRESS_LASTS_S)
    await services.live.publish(f"project:{project_id}", "demo.loading")


async def _play(
    db: Db, stage: Stage, script: words.DemoConversation, start: datetime, now: datetime, *, is_recorded: bool
) -> None:
    """Play a conversation up to a point: the younger it is, the less of it has happened."""
    chance, customer = stage.chance, stage.chance.choice(stage.customers)
    agent = chance.choice(stage.agents)
    age = now - start
    n_lines = len(script.lines) if age > timedelta(days=6) else chance.randint(1, len(script.lines))
    n_lines = 1 if age < timedelta(hours=3) else n_lines
    pause = min(timedelta(minutes=chance.randint(4, 90)), age / (n_lines + 2))
    stage.clock.at = start
    visit = _visit(chance, customer)
    if is_recorded:
        visit = msgspec.structs.replace(visit, session_id=str(new_uuid()))
        begun = start - timedelta(minutes=RECORDED_MINUTES / 2)
        stage.visits.append(
            Visit(session_id=str(visit.session_id), distinct_id=visit.distinct_id or "", start_at=begun)
        )
    ticket_id = None
    for index, line in enumerate(script.lines[:n_lines]):
        text = line.text.format(
            first=customer.first, company=customer.properties["company"], agent=agent.principal.name
        )
        if line.by == "C":
            opening = chance.choice(words.OPENINGS) if index == 0 else ""
            sent = msgspec.structs.replace(visit, ticket_id=ticket_id, content=opening + text)
            signed = visit.distinct_id if visit.identity_verified else None
            visitor = Visitor(widget_session_id=visit.widget_session_id, distinct_id=signed)
            received = await receive_message(db, stage.services, stage.project, sent, visitor)
            ticket_id = received.ticket_id
            if index == 0 and chance.random() < 0.7:
                due_at = start + timedelta(hours=DUE_IN_HOURS[script.priority])
                await change_ticket(db, stage.services, agent, str(ticket_id), TicketPatch(sla_due_at=due_at))
        else:
            await _say(db, stage, agent, str(ticket_id), text, private=line.by == "N")
        stage.clock.at += pause
    await _settle(db, stage, script, agent, str(ticket_id), script.lines[:n_lines])


def _visit(chance: random.Random, customer: DemoCustomer) -> CustomerMessage:
    known = chance.random() < 0.6
    return CustomerMessage(
        ticket_id=None,
        widget_session_id=new_uuid(),
        distinct_id=customer.distinct_id,
        content="",
        traits={"name": customer.properties["name"], "email": customer.properties["email"]},
        session_id=None,
        session_context={
            "current_url": f"https://planner.example.com/{chance.choice(words.PAGES)}",
            "browser": chance.choice(words.BROWSERS),
            "os": chance.choice(words.SYSTEMS),
        },
        identity_verified=known,
        channel_detail="widget_embedded",
    )


async def _say(db: Db, stage: Stage, agent: Actor, ticket_id: str, text: str, *, private: bool) -> None:
    context = {"author_type": "support", "is_private": private}
    new = NewComment(content=text, scope=MESSAGE_SCOPE, item_id=ticket_id, item_context=context)
    await post_comment(db, stage.services, agent, new)


async def _settle(
    db: Db,
    stage: Stage,
    script: words.DemoConversation,
    agent: Actor,
    ticket_id: str,
    said: Sequence[words.DemoMessage],
) -> None:
    """Give the conversation the state that its team would have left it in."""
    chance, is_answered = stage.chance, any(line.by == "A" for line in said)
    seen = await ticket_by_key(db, agent, ticket_id)
    is_unread = not is_answered or (said[-1].by == "C" and chance.random() < 0.25)
    if not is_unread:
        ref = TicketRef(stage.project.id, seen.id, seen.ticket_number)
        await mark_read_by_team(db, stage.services, ref, seen.unread_team_count)
    patch = TicketPatch(tags=script.tags if is_answered or chance.random() < 0.5 else [])
    if is_answered or chance.random() < 0.3:
        patch.assignee = {"type": "user", "id": agent.user_id}
    if is_answered or chance.random() < 0.5:
        patch.priority = script.priority  # type: ignore[assignment]
    if is_answered:
        _choose_status(stage, patch, is_over=len(said) == len(script.lines), is_waiting=said[-1].by != "C")
    await change_ticket(db, stage.services, agent, ticket_id, patch)
    ended_at = stage.clock.at if patch.status == "resolved" else None
    stage.lives.append(TicketLife(opened_at=seen.created_at, resolved_at=ended_at))


def _choose_status(stage: Stage, patch: TicketPatch, *, is_over: bool, is_waiting: bool) -> None:
    chance = stage.chance
    if is_over and chance.random() < 0.85:
        patch.status = "resolved"
    elif chance.random() < 0.15:
        patch.snoozed_until = stage.clock.now() + SPAN
    else:
        patch.status = "pending" if is_waiting else "open"
