"""What the decision about a mail has to know of its project, its channel and its sender, before the transaction."""

import re

import msgspec

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.email.channels.queries import channel_by_id, own_addresses
from parley.email.inbound.rules.states import SENTENCES
from parley.email.inbound.schemas import LedgerOutcome, LedgerRow
from parley.email.interpretation.actions.deciding import Interpretation
from parley.email.interpretation.queries.senders import agent_by_address
from parley.email.interpretation.reading import ReadMail
from parley.email.interpretation.rules.authentication import is_authenticated
from parley.email.interpretation.rules.contents import address_or_none
from parley.email.parsing.schemas import AuthenticationResult
from parley.kernel.services import Services

OTHER_ADDRESS = re.compile("<[^<>]*@")
"""In a name: what another reader of mail may take for the author."""


async def looked_up(
    services: Services, row: LedgerRow, read: ReadMail, *, is_forced: bool
) -> Interpretation | LedgerOutcome:
    """Return all that the decision needs but the thread; an outcome where nothing is left to decide."""
    async with services.database.transaction(write=False) as db:
        project = (await projects_by_ids(db, [row.project_id])).get(row.project_id)
        channel = await channel_by_id(db, row.project_id, row.channel_id)
        own = await own_addresses(db, row.project_id)
    if project is None or channel is None:
        return LedgerOutcome(state="rejected", reason="channel_gone", detail=SENTENCES["channel_gone"])
    sender = address_or_none(read.mail.from_address)
    is_authenticated = _is_authenticated(row, read)
    agent = await agent_by_address(services, project, sender) if sender and is_authenticated else None
    return Interpretation(
        row=row,
        read=read,
        project=project,
        channel=channel,
        own=own,
        sender=sender,
        agent=agent,
        is_authenticated=is_authenticated,
        is_forced=is_forced,
    )


def _is_authenticated(row: LedgerRow, read: ReadMail) -> bool:
    """Say whether the door has verified the sender.

    A sender that a list has put into another field is not the one that was verified. Nor is one of several: a signature
    covers one From line, and readers of mail differ about which of them is the author.
    """
    mail = read.mail
    results = msgspec.convert(row.authentication or [], list[AuthenticationResult])
    is_named_once = mail.sender_from == "from" and len(mail.header_from) == 1 and mail.n_from == 1
    is_named_once = is_named_once and not OTHER_ADDRESS.search(mail.from_name)
    return is_named_once and is_authenticated(results, mail.from_address)
