"""What is known of a ticket's customer, and the address that the team may set."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from parley.accounts.access_levels.queries.levels import levels_of
from parley.accounts.access_levels.rules import check_at_least, is_at_least
from parley.conversations.ticket_api.actions import change_ticket
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut, TicketPatch
from parley.conversations.tickets.queries.authorised import locked_ticket_for
from parley.conversations.tickets.rules.ids import id_or_number
from parley.email.reply_routes.queries import closed_addresses
from parley.email.reply_routes.rules import Reason, valid_address
from parley.inbox.ticket_details.queries.same_owner import OTHER_WAYS, tickets_with_other_address
from parley.inbox.ticket_rows.customers import (
    MOST_FACTS,
    Fact,
    address_of,
    decoded,
    facts_of,
    traits_of,
)
from parley.kernel.database.database import Database
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.network.emails import check_email
from parley.kernel.services import Services
from parley.people.persons.actions.editing import change_properties
from parley.people.persons.rules.names import MAX_NAME, checked_name

N_IMPORTANT = 5
IMPORTANT = (
    "company", "organization", "plan", "title", "role", "phone", "language", "city", "country",
    "$geoip_city_name", "$geoip_country_name", "$browser", "$os",
)  # fmt: skip
"""What agents ask first about a customer, in this order."""
NO_MAIL: Mapping[Reason, str] = {
    "address_bounced": "Mail to this address has come back several times.",
    "unsubscribed": "Has unsubscribed from mail about conversations in the widget.",
}
NOBODY_KNOWN = (
    "This conversation came by mail, and nothing else is known of its customer. The address is where they wrote from, "
    "which can't be changed."
)


class PersonPanel(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the customer; `id` is of the person, where capture knows one."""

    id: UUID | None
    address: str | None  # where mail to them goes
    is_captured: bool  # the address: only capture says it
    other_address: str | None  # of the person, where the conversation came from another one
    by_mail: bool
    own_address: str  # what this conversation itself says
    may_set_address: bool
    n_elsewhere: int  # other conversations of the same owner, to which another address was told
    no_mail: str  # why they get no mail, or nothing
    may_set_name: bool
    name_value: str  # what the form to set the name begins with
    form_value: str  # what the form to set it begins with: never an address that only capture says
    important: Sequence[Fact]  # of what came with the ticket
    captured: Sequence[Fact]  # of what capture says, where anybody can say anything
    n_facts: int
    are_cut: bool  # there may be more facts than are shown
    traits: Sequence[Fact]
    properties: Sequence[Fact]
    context: Sequence[Fact]


async def person_panel(database: Database, actor: Actor, ticket: TicketOut) -> PersonPanel:
    """Gather what is known of a ticket's customer (one look-up by the primary key of addresses)."""
    traits, properties = traits_of(ticket), decoded(ticket.person.properties) if ticket.person else {}
    told = {key: value for key, value in traits.items() if key not in ("name", "email")}
    captured = {key: value for key, value in properties.items() if key not in ("name", "email", *traits)}
    important = facts_of(_important(told))
    more = _important(captured, N_IMPORTANT - len(important))
    address, by_mail = address_of(ticket), ticket.channel_source == "email"
    theirs = valid_address(properties.get("email"))
    own = traits.get("email")
    own_address = (valid_address(own) or "") if ticket.channel_source not in OTHER_WAYS else ""
    elsewhere = await tickets_with_other_address(database, actor, ticket, own_address) if own_address else ()
    lists = (
        facts_of(told),
        facts_of(captured),
        facts_of(decoded(ticket.session_context), but=("session_replay_url",)),
    )
    return PersonPanel(
        id=ticket.person.id if ticket.person else None,
        address=address,
        is_captured=address is not None and address not in (ticket.email_from, own),
        other_address=theirs if theirs and theirs != valid_address(address) else None,
        by_mail=by_mail,
        own_address=own_address,
        n_elsewhere=len(elsewhere),
        may_set_address=ticket.user_access_level in ("editor", "manager")
        and not (by_mail and ticket.person is None),
        may_set_name=ticket.user_access_level in ("editor", "manager"),
        name_value=next(
            (one for one in (traits.get("name"), properties.get("name")) if isinstance(one, str) and one), ""
        )[:MAX_NAME],
        no_mail=await _no_mail(database, actor, address, by_mail=by_mail),
        form_value=(theirs or "") if by_mail else own if isinstance(own, str) else "",
        important=important,
        captured=facts_of(more),
        n_facts=sum(map(len, lists)),
        are_cut=any(len(one) == MOST_FACTS for one in lists),
        traits=lists[0],
        properties=lists[1],
        context=lists[2],
    )


def _important(known: Mapping[str, Any], most: int = N_IMPORTANT) -> dict[str, Any]:
    """Return the facts that are asked for first, then what else a site has said itself."""
    own = [key for key in known if not key.startswith("$") and key not in IMPORTANT]
    shown = [key for key in (*IMPORTANT, *own) if known.get(key) not in (None, "")]
    return {key: known[key] for key in shown[:most]}


async def _no_mail(database: Database, actor: Actor, address: str | None, *, by_mail: bool) -> str:
    normal = valid_address(address)
    if normal is None:
        return ""
    reason = (await closed_addresses(database, actor.project_id, [normal])).get(normal, "")
    return "" if by_mail and reason == "unsubscribed" else NO_MAIL.get(reason, "")


async def set_address(db: Db, services: Services, actor: Actor, key: str, text: str) -> None:
    """Set the address of a ticket's customer, or take it away where the text is empty.

    It becomes a property of the person. Of a conversation that didn't come by mail it becomes the trait, too, by which
    answers find their way; where mail came from stays as it is. Raises NotFound, PermissionDenied and Invalid.
    """
    email = check_email(text) if text else None
    found = await locked_ticket_for(db, actor, id_or_number(key))
    ticket = await ticket_by_key(db, actor, key)
    check_at_least(ticket.user_access_level, "editor")
    by_mail = ticket.channel_source == "email"
    if by_mail and ticket.person is None:
        raise Invalid(NOBODY_KNOWN, attr="email")
    if not by_mail:
        rest = {name: value for name, value in found.anonymous_traits.items() if name != "email"}
        traits = {**rest, "email": email} if email else rest
        await change_ticket(db, services, actor, key, TicketPatch(anonymous_traits=traits))
    if ticket.person is not None:
        change: dict[str, Any] = {"sets": {"email": email}} if email else {"unsets": ("email",)}
        await change_properties(db, actor, str(ticket.person.id), services.clock, **change)


async def set_address_elsewhere(db: Db, services: Services, actor: Actor, key: str, email: str) -> None:
    """Tell the address of a ticket to the other tickets of its owner, where the caller may change them.

    Raises NotFound, PermissionDenied, and Invalid where the ticket has another address by now.
    """
    ticket = await ticket_by_key(db, actor, key)
    check_at_least(ticket.user_access_level, "editor")
    if not email or traits_of(ticket).get("email") != email:
        raise Invalid("This conversation has another address by now. Look at it again.", attr="email")
    others = await tickets_with_other_address(db, actor, ticket, email)
    levels = await levels_of(db, actor, [one.id for one in others])
    for one in others:
        if is_at_least(levels[one.id], "editor"):
            traits = {**one.anonymous_traits, "email": email}
            await change_ticket(db, services, actor, str(one.id), TicketPatch(anonymous_traits=traits))


async def set_name(db: Db, services: Services, actor: Actor, key: str, text: str) -> None:
    """Set the name of a ticket's customer, or take it away where the text is empty.

    It becomes the trait of the ticket, which its list and messages show, and a property of the person if one is known.
    Raises NotFound, PermissionDenied and Invalid.
    """
    name = checked_name(text)
    found = await locked_ticket_for(db, actor, id_or_number(key))
    ticket = await ticket_by_key(db, actor, key)
    check_at_least(ticket.user_access_level, "editor")
    rest = {field: value for field, value in found.anonymous_traits.items() if field != "name"}
    traits = {**rest, "name": name} if name else rest
    await change_ticket(db, services, actor, key, TicketPatch(anonymous_traits=traits))
    if ticket.person is not None:
        change: dict[str, Any] = {"sets": {"name": name}} if name else {"unsets": ("name",)}
        await change_properties(db, actor, str(ticket.person.id), services.clock, **change)
