"""Which of the first steps of a project are done."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Text, bindparam, exists, func, select

from parley.accounts.memberships.tables import membership
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.tables import LIVE, ticket
from parley.conversations.widget.rules.origins import DEMO_VISITORS
from parley.email.channels.tables import email_channel, email_domain
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import Actor

DEMO_DOMAIN = "@demo.example"
"""How the addresses of the demo's colleagues end, after the project's number; a customer is `demo-<project>-<number>`."""
LATEST = 500
"""How many tickets are looked through for one of the widget: those that changed last."""


async def what_is_done(database: Database, actor: Actor) -> Sequence[bool]:
    """Say whether a visitor of a site has written, a channel is verified, a colleague has joined, and demo data is there.

    The last of all says whether there is an address from which mail is sent, or is to be: test addresses don't count.
    """
    organization_id = actor.project.organization_id
    demo = f"demo-{actor.project_id}-"
    rows = await database.read(
        _STATE,
        project_id=actor.project_id,
        organization_id=organization_id,
        demo=demo,
        demo_ending=f".{actor.project_id}{DEMO_DOMAIN}",
    )
    return [bool(one) for one in rows[0]]


def _ends_with(column: Any, ending: Any) -> Any:
    start = func.length(column) - func.length(ending) + 1
    return (start > 0) & (func.substr(column, start) == ending)


def _state() -> Prepared:
    """Look through ix_ticket_recent, and the keys of channels, domains and memberships."""
    latest = select(ticket.c.channel_detail, ticket.c.distinct_id).where(PROJECT, LIVE)
    some = latest.order_by(ticket.c.updated_at.desc(), ticket.c.number.desc()).limit(LATEST).subquery()
    demo = bindparam("demo", type_=Text)
    is_demo = func.substr(some.c.distinct_id, 1, func.length(demo)) == demo
    is_trial = func.substr(some.c.distinct_id, 1, len(DEMO_VISITORS)) == DEMO_VISITORS
    of_widget = some.c.channel_detail == "widget_embedded"
    written = select(some.c.distinct_id).where(of_widget, ~is_demo, ~is_trial)
    project_id = bindparam("project_id", type_=Integer)
    same = (
        email_channel.c.project_id == email_domain.c.project_id,
        email_channel.c.domain == email_domain.c.name,
    )
    addresses = select(email_channel.c.id).where(
        email_channel.c.project_id == project_id, *same, email_domain.c.is_test.is_(False)
    )
    connected = addresses.where(email_domain.c.verified_at.is_not(None))
    member_of = membership.c.organization_id == bindparam(
        "organization_id", type_=membership.c.organization_id.type
    )
    people = select(membership.c.user_id).where(member_of, membership.c.user_id == user_account.c.id)
    # Two are enough: a company may have brought ten thousand.
    two = people.where(~_ends_with(user_account.c.email, DEMO_DOMAIN)).limit(2).subquery()
    # By members: any visitor can take the distinct id of one of the demo's customers.
    loaded = people.where(_ends_with(user_account.c.email, bindparam("demo_ending", type_=Text)))
    return Prepared(
        select(
            exists(written).label("widget"),
            exists(connected).label("mail"),
            (select(func.count()).select_from(two).scalar_subquery() > 1).label("team"),
            exists(loaded).label("demo"),
            exists(addresses).label("address"),
        )
    )


_STATE = _state()
