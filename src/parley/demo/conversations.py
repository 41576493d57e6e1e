"""A believable project to look around in: people, 200 conversations, colleagues, tags and notes.

Everything is written through the same actions as real work, under a clock that goes through the last weeks.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

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
from parley.demo.by_mail import channel_of_demo, keep_answer, receive_mail
from parley.demo.recordings import Visit
from parley.demo.rules import N_TICKETS, SPAN, chance_of
from parley.demo.stage import DemoCustomer, Stage
from parley.email.channels.schemas import EmailChannel
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid

AT_ONCE = 10
BY_MAIL = 0.25
"""Of the conversations, as far as there is a test address."""
RECORDED, RECORDED_MINUTES = (185, 193), 4.0
"""Of which conversations, from the oldest on, the visit was recorded, and for how long."""
SATURDAY = 5
OVERDUE = 0.08
"""Of the conversations that go on: how many the team is late with."""
DUE_IN_HOURS = {"critical": 1, "high": 1, "medium": 2, "low": 4}


class PlannedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """Who begins a conversation, when, and what it will be about; `chance` decides how it goes on."""

    number: int
    chance: random.Random
    script: words.DemoConversation
    customer: DemoCustomer
    start_at: datetime
    session_id: str | None
    channel: EmailChannel | None = None  # by mail


async def play_conversations(db: Db, stage: Stage, first: int) -> int | None:
    """Store some conversations, the oldest first; return the number at which it goes on, None after the last one."""
    if not stage.agents:
        return None  # somebody has removed them all meanwhile
    starts, played, channel = _starts(stage), words.scripts(), await channel_of_demo(db, stage)
    for n in range(first, min(first + AT_ONCE, N_TICKETS)):
        plan = _planned(stage, n, starts, played)
        if channel is not None and n not in RECORDED and chance_of("by mail", n).random() < BY_MAIL:
            plan = msgspec.structs.replace(plan, channel=channel)
        await _play(db, stage, plan)
    return first + AT_ONCE if first + AT_ONCE < N_TICKETS else None


def recorded_visits(stage: Stage) -> list[Visit]:
    """Return the visits of which there is to be a recording."""
    starts, played = _starts(stage), words.scripts()
    plans = [_planned(stage, n, starts, played) for n in RECORDED]
    return [
        Visit(
            session_id=str(one.session_id),
            distinct_id=one.customer.distinct_id,
            start_at=one.start_at - timedelta(minutes=RECORDED_MINUTES / 2),
        )
        for one in plans
    ]


def _starts(stage: Stage) -> list[datetime]:
    chance = chance_of("starts")
    starts: list[datetime] = []
    while len(starts) < N_TICKETS:
        at = stage.now - SPAN * chance.random() ** 1.25
        if chance.random() < _business(at):
            starts.append(at)
    return sorted(starts)


def _business(at: datetime) -> float:
    """Return how much is written at such a time: most of it by day, and from Monday to Friday."""
    by_day = 1.0 if 8 <= at.hour < 18 else 0.35 if 6 <= at.hour < 22 else 0.08
    return by_day if at.weekday() < SATURDAY else by_day * 0.3


def _planned(
    stage: Stage, n: int, starts: Sequence[datetime], played: Sequence[words.DemoConversation]
) -> PlannedConversation:
    chance = chance_of("conversation", n)
    name = f"parley demo, project {stage.project.id}, conversation {n}, {stage.now.isoformat()}"
    return PlannedConversation(
        number=n,
        chance=chance,
        script=chance.choice(played),
        customer=chance.choice(stage.customers),
        start_at=starts[n],
        session_id=str(uuid5(NAMESPACE_OID, name)) if n in RECORDED else None,
    )


async def _play(db: Db, stage: Stage, plan: PlannedConversation) -> None:
    """Play a conversation up to a point: the younger it is, the less of it has happened."""
    chance, customer, script, start = plan.chance, plan.customer, plan.script, plan.start_at
    agent, age = chance.choice(stage.agents), stage.now - start
    n_lines = len(script.lines) if age > timedelta(days=6) else chance.randint(1, len(script.lines))
    n_lines = 1 if age < timedelta(hours=3) else n_lines
    pause = min(timedelta(minutes=chance.randint(4, 90)), age / (n_lines + 2))
    stage.clock.at, ticket_id = start, None
    visit = msgspec.structs.replace(_visit(chance, customer), session_id=plan.session_id)
    for index, line in enumerate(script.lines[:n_lines]):
        text = line.text.format(
            first=customer.first, company=customer.properties["company"], agent=agent.principal.name
        )
        if line.by == "C":
            begun = chance.choice(words.OPENINGS) if index == 0 else ""
            if plan.channel is not None:
                ticket_id = await receive_mail(db, stage, plan.channel, customer, text, ticket_id)
            else:
                sent = msgspec.structs.replace(visit, ticket_id=ticket_id, content=begun + text)
                ticket_id = await _receive(db, stage, sent)
            if index == 0 and chance.random() < 0.7:
                due_at = start + timedelta(hours=DUE_IN_HOURS[script.priority])
                await change_ticket(db, stage.services, agent, str(ticket_id), TicketPatch(sla_due_at=due_at))
        else:
            said = await _say(db, stage, agent, str(ticket_id), text, private=line.by == "N")
            if plan.channel is not None and line.by == "A":
                await keep_answer(db, stage, said)
        stage.clock.at += pause
    await _settle(db, stage, plan, agent, str(ticket_id), script.lines[:n_lines])


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


async def _receive(db: Db, stage: Stage, sent: CustomerMessage) -> UUID:
    """Have a customer write in the widget; return the ticket."""
    signed = sent.distinct_id if sent.identity_verified else None
    visitor = Visitor(widget_session_id=sent.widget_session_id, distinct_id=signed)
    return (await receive_message(db, stage.services, stage.project, sent, visitor)).ticket_id


async def _say(db: Db, stage: Stage, agent: Actor, ticket_id: str, text: str, *, private: bool) -> UUID:
    context = {"author_type": "support", "is_private": private}
    new = NewComment(content=text, scope=MESSAGE_SCOPE, item_id=ticket_id, item_context=context)
    stored, _ = await post_comment(db, stage.services, agent, new)
    return stored.id


async def _settle(
    db: Db,
    stage: Stage,
    plan: PlannedConversation,
    agent: Actor,
    ticket_id: str,
    said: Sequence[words.DemoMessage],
) -> None:
    """Give the conversation the state that its team would have left it in."""
    chance, script, is_answered = plan.chance, plan.script, any(line.by == "A" for line in said)
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
        is_over, is_waiting = len(said) == len(script.lines), said[-1].by != "C"
        _choose_status(chance, stage.clock.now(), patch, is_over=is_over, is_waiting=is_waiting)
    _choose_due_time(stage, plan, patch, is_due=seen.sla_due_at is not None)
    await change_ticket(db, stage.services, agent, ticket_id, patch)


def _choose_due_time(stage: Stage, plan: PlannedConversation, patch: TicketPatch, *, is_due: bool) -> None:
    """Let the team be late with few of the conversations that go on; those that are due have some hours or days left."""
    chance = chance_of("due", plan.number)
    if not is_due or patch.status == "resolved":
        return
    is_late = chance.random() < OVERDUE
    left = -timedelta(hours=chance.randint(1, 20)) if is_late else timedelta(hours=chance.randint(1, 60))
    patch.sla_due_at = max(stage.now + left, plan.start_at + timedelta(minutes=30))


def _choose_status(
    chance: random.Random, at: datetime, patch: TicketPatch, *, is_over: bool, is_waiting: bool
) -> None:
    if is_over and chance.random() < 0.85:
        patch.status = "resolved"
    elif chance.random() < 0.15:
        patch.snoozed_until = at + SPAN
    else:
        patch.status = "pending" if is_waiting else "open"
