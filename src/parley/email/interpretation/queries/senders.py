"""Who a mail comes from: a member of the team, the requester of a ticket, a participant, or somebody else."""

from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select, true

from parley.accounts.access_levels.queries.levels import levels_with
from parley.accounts.access_levels.queries.rights import rights_of
from parley.accounts.access_levels.rules import is_at_least
from parley.accounts.memberships.tables import membership
from parley.accounts.users.tables import user_account
from parley.conversations.participants.queries import Participant, participants_of
from parley.conversations.participants.rules import WantedParticipant, requester_of
from parley.conversations.tickets.queries.tickets import LockedTicket
from parley.email.interpretation.rules.decision import Role
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import ADMIN, Project, Rights
from parley.kernel.services import Services


class Agent(msgspec.Struct, frozen=True):
    """A member of the team by their address. `rights` is None for who may do everything."""

    user_id: int
    rights: Rights | None


_MEMBER = Prepared(
    select(user_account.c.id, membership.c.level)
    .join(membership, membership.c.user_id == user_account.c.id)
    .where(
        user_account.c.email == bindparam("email"),
        user_account.c.is_active == true(),
        membership.c.organization_id == bindparam("organization_id"),
    )
)


async def agent_by_address(services: Services, project: Project, email: str) -> Agent | None:
    """Return the member of the project's team with this address (unique index of addresses)."""
    rows = await services.database.read(_MEMBER, email=email, organization_id=project.organization_id)
    if not rows:
        return None
    user_id, level = rows[0]
    if level >= ADMIN or not project.has_access_controls:
        return Agent(user_id, None)
    try:
        return Agent(user_id, await rights_of(services.database, project, user_id))
    except PermissionDenied:  # they have just left
        return None


async def may_answer(db: Db, project_id: int, agent: Agent, ticket_id: UUID | None) -> bool:
    """Say whether somebody of the team may write on a ticket, or, without one, open one."""
    if agent.rights is None:
        return True
    if ticket_id is None:
        return is_at_least(agent.rights.level, "editor")
    level = (await levels_with(db, project_id, agent.rights, [ticket_id]))[ticket_id]
    return is_at_least(level, "editor")


class KnownSender(msgspec.Struct, frozen=True):
    """What a sender is on a ticket by their address; `participant` is set where they are one."""

    role: Role
    participant: Participant | None = None


async def sender_on(db: Db, ticket: LockedTicket, email: str | None) -> KnownSender:
    """Return what the sender of a mail is on a locked ticket, or was on the one that is merged into it."""
    if email is None:
        return KnownSender("other")
    contact = WantedParticipant(email=email)
    if requester_of(ticket).is_same(contact):
        return KnownSender("requester")
    # Whose ticket was merged takes part in the target, too.
    for one in await participants_of(db, ticket.project_id, ticket.id):
        if one.email == email:
            return KnownSender("participant", one)
    return KnownSender("other")
