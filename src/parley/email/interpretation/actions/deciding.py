"""What becomes of a mail that is read: its facts are looked up, its thread is locked, the decision is carried out."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import msgspec

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.tickets.queries.tickets import LockedTicket, locked_ticket
from parley.email.channels.rules import token_of_recipient
from parley.email.channels.schemas import EmailChannel
from parley.email.inbound.queries.ledger import earlier_mail, n_from_sender
from parley.email.inbound.rules.headers import has_loop_mark, ledger_address
from parley.email.inbound.rules.states import SENTENCES, Reason, State
from parley.email.inbound.schemas import LedgerOutcome, LedgerRow
from parley.email.interpretation.actions.filing import StoredFiles
from parley.email.interpretation.actions.placing import Arrival, append_message, open_ticket
from parley.email.interpretation.queries.senders import Agent, KnownSender, may_answer, sender_on
from parley.email.interpretation.queries.threads import (
    MentionedTicket,
    named_tickets,
    names_of,
    number_of,
    requester_address_of,
)
from parley.email.interpretation.reading import ReadMail
from parley.email.interpretation.rules.automatic import is_auto_reply, is_report, is_written
from parley.email.interpretation.rules.contents import (
    MAX_RECIPIENTS,
    address_or_none,
    mail_context,
    message_text,
    recipients_to_add,
)
from parley.email.interpretation.rules.decision import (
    MOST_PER_HOUR,
    Decision,
    FoundBy,
    MailFacts,
    ThreadFacts,
    decide,
)
from parley.email.outbound.actions.bounces import note_bounce
from parley.email.threading.actions import remember_received
from parley.email.threading.rules import comment_of_own_id, loop_marks
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Project
from parley.kernel.ids import first_id_at
from parley.kernel.services import Services

HOUR = timedelta(hours=1)


class Interpretation(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that is read, with what was looked up before the transaction."""

    row: LedgerRow
    read: ReadMail
    project: Project
    channel: EmailChannel
    own: frozenset[str]
    sender: str | None
    agent: Agent | None
    is_authenticated: bool
    is_forced: bool
    files: StoredFiles = StoredFiles()


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, with the ticket that it is about: locked where it is live."""

    decision: Decision
    named: MentionedTicket | None = None
    ticket: LockedTicket | None = None
    sender: KnownSender = KnownSender("other")


async def outcome_of(db: Db, services: Services, found: Interpretation) -> LedgerOutcome:
    """Decide about a mail and do what follows; nothing but its row of the ledger is left to write."""
    mail, row = found.read.mail, found.row
    earlier = await earlier_mail(
        db, row.project_id, mail.message_id, ledger_address(mail.from_address), row.id
    )
    if earlier is not None:
        return LedgerOutcome(
            state="ignored",
            reason="repeat",
            detail=SENTENCES["repeat"],
            ticket_id=earlier.ticket_id,
            ticket_number=earlier.ticket_number,
        )
    chosen = await _chosen(db, services, found, await _facts(db, services, found))
    decision = chosen.decision
    named_number = await number_of(db, row.project_id, chosen.named.ticket_id) if chosen.named else None
    if decision.outcome in ("ignore", "reject"):
        state: State = "ignored" if decision.outcome == "ignore" else "rejected"
        named_id = chosen.named.ticket_id if chosen.named else None
        if decision.reason == "bounce":
            return await _bounced(db, services, found)
        return _told(state, decision.reason, named_number, ticket_id=named_id)
    if chosen.ticket is not None and decision.outcome == "append":
        placed = await append_message(db, services, _arrival(found), decision, chosen.ticket, chosen.sender)
    else:
        placed = await open_ticket(db, services, _arrival(found), decision)
    files = found.files
    await attach_files(db, row.project_id, placed.comment_id, files.ids, placeholders=files.placeholders)
    await remember_received(
        db,
        row.project_id,
        placed.reference_id,
        placed.comment_id,
        mail.message_id,
        [*mail.references, *mail.in_reply_to],
        services.clock.now(),
    )
    state = "merged" if decision.outcome == "append" else "stored"
    told = _told(state, decision.reason, named_number, ticket_id=placed.ticket_id)
    return msgspec.structs.replace(told, ticket_number=placed.ticket_number, comment_id=placed.comment_id)


def _told(state: State, reason: Reason | None, named: int | None, *, ticket_id: UUID | None) -> LedgerOutcome:
    detail = SENTENCES[reason].format(number=named or "?") if reason else None
    return LedgerOutcome(state=state, reason=reason, detail=detail, ticket_id=ticket_id, ticket_number=named)


async def _bounced(db: Db, services: Services, found: Interpretation) -> LedgerOutcome:
    """Note on the mail of ours that it didn't arrive; the ledger names its ticket."""
    project_id, bounce = found.row.project_id, found.read.mail.bounce
    told = _told("ignored", "bounce", None, ticket_id=None)
    if bounce is None or bounce.original_message_id is None:
        return told
    noted = await note_bounce(db, services, project_id, bounce.original_message_id, bounce)
    if noted is None:
        return told
    number = await number_of(db, project_id, noted.ticket_id)
    return msgspec.structs.replace(told, ticket_id=noted.ticket_id, ticket_number=number)


async def becomes_message(services: Services, found: Interpretation) -> bool:
    """Say whether a mail may become a message, so that its files are worth storing; its thread is not looked at."""
    async with services.database.transaction(write=False) as db:
        return decide(await _facts(db, services, found), None).outcome == "open"


async def _facts(db: Db, services: Services, found: Interpretation) -> MailFacts:
    mail, row = found.read.mail, found.row
    settings = found.project.settings
    n_recent = 0
    if found.sender:
        since, known = first_id_at(row.received_at - HOUR), ledger_address(mail.from_address)
        n_recent = await n_from_sender(
            db, row.project_id, known, since, is_authenticated=found.is_authenticated, most=MOST_PER_HOUR
        )
    return MailFacts(
        is_forced=found.is_forced,
        is_enabled=found.project.conversations_enabled and settings.get("email_enabled") is not False,
        is_bounce=is_report(mail),
        is_own=_is_own(services, found),
        is_auto_reply=is_auto_reply(mail),
        is_automatic=not is_written(mail),
        is_authenticated=found.is_authenticated,
        is_agent=found.agent is not None,
        n_within_hour=n_recent,
    )


def _is_own(services: Services, found: Interpretation) -> bool:
    """Say whether a mail is one of ours that has come back, or claims to come from one of our own addresses."""
    project_id, mail = found.row.project_id, found.read.mail
    return (
        found.sender in found.own
        or token_of_recipient(mail.from_address) is not None
        or comment_of_own_id(services.vault, project_id, mail.message_id or "") is not None
        or has_loop_mark(found.read.head, loop_marks(services.vault, project_id))
    )


async def _chosen(db: Db, services: Services, found: Interpretation, facts: MailFacts) -> _Choice:
    """Return the decision about the first ticket that the mail names and belongs to, or else about a new one."""
    row, names = found.row, names_of(found.read.mail, found.row.recipient, found.channel.inbound_token)
    first: _Choice | None = None
    async for named in named_tickets(db, services.vault, row.project_id, names):
        choice = await _choice(db, found, facts, named)
        # A number in a subject may be that of anything; where it isn't meant, nobody needs to hear of it.
        is_swallowed = named.found_by != "subject" and choice.decision.reason == "deleted_thread"
        if choice.decision.outcome == "append" or is_swallowed:
            return choice
        if named.found_by != "subject":
            first = first or choice
    if first is not None:
        return first
    return _Choice(decision=decide(await _with_right(db, found, facts, None), None))


async def _choice(db: Db, found: Interpretation, facts: MailFacts, named: MentionedTicket) -> _Choice:
    try:
        ticket = await locked_ticket(db, found.row.project_id, named.ticket_id)
    except NotFound:
        known = {await requester_address_of(db, found.row.project_id, named.ticket_id)}
        thread = ThreadFacts(found_by=_weight(found, named, known), is_live=False)
        return _Choice(decision=decide(await _with_right(db, found, facts, None), thread), named=named)
    sender = await sender_on(db, ticket, found.sender)
    requested = ticket.requested
    thread = ThreadFacts(
        found_by=_weight(found, named, {ticket.email_from}) if sender.role == "other" else named.found_by,
        is_verified=True in (ticket.identity_verified, requested and requested.identity_verified),
        role=sender.role,
    )
    facts = await _with_right(db, found, facts, ticket.id)
    return _Choice(decision=decide(facts, thread), named=named, ticket=ticket, sender=sender)


def _weight(found: Interpretation, named: MentionedTicket, known: Collection[str | None]) -> FoundBy:
    """Return how much it says that a mail names a ticket.

    Anybody can send the first mail under an id that others will name, such as that of a newsletter. So a stranger's id
    counts only where the mail is from or to the one who opened the ticket by it.
    """
    mail = found.read.mail
    people = {found.sender, *(address_or_none(one.address) for one in (*mail.to, *mail.cc)[:MAX_RECIPIENTS])}
    is_theirs = not people.isdisjoint(set(known) - {None})
    return "named_id" if named.is_by_strangers_id and not is_theirs else named.found_by


async def _with_right(db: Db, found: Interpretation, facts: MailFacts, ticket_id: UUID | None) -> MailFacts:
    """Return the facts for one ticket: a member of the team who may not write there is one sender like others."""
    if found.agent is None or await may_answer(db, found.row.project_id, found.agent, ticket_id):
        return facts
    return msgspec.structs.replace(facts, is_agent=False)


def _arrival(found: Interpretation) -> Arrival:
    mail, row = found.read.mail, found.row
    return Arrival(
        project=found.project,
        channel=found.channel,
        text=message_text(mail.text, found.files.n_left_out),
        whole_text=message_text(mail.body, found.files.n_left_out),
        subject=mail.subject,
        name=mail.from_name,
        address=found.sender,
        fallback_id=f"mail-{row.id}",
        is_authenticated=found.is_authenticated,
        agent_id=found.agent.user_id if found.agent else None,
        context=mail_context(mail, str(row.id), is_authenticated=found.is_authenticated),
        recipients=recipients_to_add(mail, found.own, found.sender),
        is_quiet=row.is_backfill,
    )
