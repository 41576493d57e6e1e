"""Conversations by mail: customers write to a test address, from which nothing is ever sent."""

from contextlib import suppress
from uuid import UUID

from parley.conversations.tickets.queries.tickets import locked_ticket
from parley.demo.stage import DemoCustomer, Stage
from parley.email.channels.actions import connect_channel
from parley.email.channels.errors import AddressInUse
from parley.email.channels.queries import channels_of
from parley.email.channels.schemas import EmailChannel, NewChannel
from parley.email.interpretation.actions.placing import Arrival, append_message, open_ticket
from parley.email.interpretation.queries.senders import KnownSender
from parley.email.interpretation.rules.decision import Decision
from parley.email.outbound.actions.planning import plan_answer
from parley.email.threading.actions import remember_received
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.network.emails import normal_email

MAIL = "Hello,\n\n{text}\n\nBest regards\n{name}"
LONGEST_SUBJECT = 60


def test_address(project_id: int) -> str:
    """Return the address to which the customers of a project's demo write."""
    return f"help@planner-{project_id}.example"


async def make_test_address(db: Db, stage: Stage) -> None:
    """Make the address, unless the project can't have it: then nobody writes by mail."""
    new = NewChannel(from_email=test_address(stage.project.id), from_name="Planner help", is_test=True)
    with suppress(Invalid, AddressInUse):
        await connect_channel(db, stage.services, stage.project.id, stage.agents[0].user_id, new, None)


async def channel_of_demo(db: Db, stage: Stage) -> EmailChannel | None:
    """Return the test address of the demo, as long as it is there."""
    address = test_address(stage.project.id)
    found = await channels_of(db, stage.project.id)
    return next((one for one in found if one.from_email == address and one.is_test), None)


async def receive_mail(
    db: Db, stage: Stage, channel: EmailChannel, customer: DemoCustomer, text: str, ticket_id: UUID | None
) -> UUID:
    """Have a mail of a customer come in, the first one of a conversation or one more; return the ticket."""
    arrival = _arrival(stage, channel, customer, text)
    services, project_id, at = stage.services, stage.project.id, stage.clock.now()
    if ticket_id is None:
        placed = await open_ticket(db, services, arrival, Decision(outcome="open"))
    else:
        before = await locked_ticket(db, project_id, ticket_id)
        sender = KnownSender("requester")
        placed = await append_message(db, services, arrival, Decision(outcome="append"), before, sender)
    message_id = f"{placed.comment_id.hex}@{customer.properties['email'].rpartition('@')[2]}"
    await remember_received(db, project_id, placed.ticket_id, placed.comment_id, message_id, [], at)
    return placed.ticket_id


def _arrival(stage: Stage, channel: EmailChannel, customer: DemoCustomer, text: str) -> Arrival:
    address = normal_email(customer.properties["email"])
    said = MAIL.format(text=text, name=customer.properties["name"])
    return Arrival(
        project=stage.project,
        channel=channel,
        text=text,
        whole_text=said,
        subject=subject_of(text),
        name=customer.properties["name"],
        address=address,
        fallback_id=address,
        is_authenticated=False,
        agent_id=None,
        context={},
        recipients=(),
        is_quiet=False,
    )


def subject_of(text: str) -> str:
    """Return the first sentence of a text as the subject of a mail."""
    ends = [at for at in (text.find(mark) for mark in ".?!:") if at > 0]
    return text[: min(ends, default=len(text))][:LONGEST_SUBJECT].strip()


async def keep_answer(db: Db, stage: Stage, comment_id: UUID) -> None:
    """Have an answer of the team kept as a mail, at the time at which it was written."""
    await plan_answer(db, stage.services, stage.project.id, comment_id)
