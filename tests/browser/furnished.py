"""A server with a project that has something to show on every page: demo data, and one of each thing beside it."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import insert, update

from parley.accounts.domains.tables import organization_domain
from parley.accounts.invitations.actions import create_invite
from parley.accounts.invitations.schemas import NewInvite
from parley.accounts.password_reset.actions import start_reset
from parley.accounts.users.queries import user_row
from parley.accounts.users.tables import user_account
from parley.commands.command_database import opened_services
from parley.demo.loading import load_demo_data
from parley.email.channels.schemas import EmailChannel
from parley.email.channels.tests.channels import make_channel
from parley.email.inbound.actions.receiving import receive
from parley.email.inbound.schemas import IncomingMail
from parley.email.reply_routes.unsubscribing import unsubscribe_token
from parley.kernel.config.settings import Settings
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services
from tests.parley_server import ParleyServer, Project

STEPS = [{"kind": "EventsNode", "event": "signed_up"}, {"kind": "EventsNode", "event": "$pageview"}]
ARTICLE = (
    "Open **Settings**, then **Plan and invoices**.\n\n1. Choose the plan.\n2. Say how many people use it.\n"
    "3. Press *Change plan*.\n\nThe new price counts from the next invoice on."
)
ASK = {
    "name": "Ask for a screenshot",
    "content": "Hello {{person.first_name}},\n\ncould you send us a screenshot?",
}
CLOSE = {"name": "Close as answered", "content": "You are welcome!", "actions": {"status": "resolved"}}
# Each with the path below the project.
THINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("conversations/articles", {"title": "Change your plan", "content": ARTICLE, "state": "published", "tags": ["billing"]}),
    ("conversations/articles", {"title": "Invite colleagues", "content": "From **Team**.", "tags": ["team"]}),
    ("conversations/views", {"name": "Urgent, mine", "filters": {"priority": ["critical", "high"]}}),
    ("conversations/quick_actions", ASK),
    ("conversations/quick_actions", CLOSE),
    ("webhooks", {"url": "https://hooks.shop.example/parley", "description": "Orders", "events": ["*"]}),
)  # fmt: skip
MAIL = (
    b"From: Carla Ruiz <carla@lakeside.example>\r\nTo: Help <help@fern.example>\r\nSubject: Invoice of March\r\n"
    b"Message-ID: <march@lakeside.example>\r\nDate: Mon, 30 Nov 2026 05:00:00 +0000\r\n\r\n"
    b"Hello,\r\n\r\ncould you send us the invoice of March once more?\r\n\r\nCarla\r\n"
)


async def furnish(server: ParleyServer, project: Project) -> dict[str, str]:
    """Fill the project, and return the addresses of pages that no link leads to, by their routes."""
    async with opened_services(Settings.from_env(server.settings)) as services:
        await load_demo_data(services, project.project_id)
        await _name_owner(services, project)
        addresses = await _letters(services, project)
        channel = await _channel(services, project)
        mail = IncomingMail(channel=channel, source="smtp", raw=MAIL, recipient=channel.from_email)
        await receive(services, mail)
        await _domain(services, project)
    async with server.client(project) as team:
        await _things(team, project)
        addresses["/shared/{token:str}"] = await _shared(team, project)
        addresses |= await _of_test_address(team, project)
    addresses["/settings/email/{channel_id:str}/imap"] = f"/settings/email/{channel.id}/imap"
    addresses["/demo/{api_token:str}"] = f"/demo/{project.project_token}"
    return addresses


async def _name_owner(services: Services, project: Project) -> None:
    async with services.database.transaction() as db:
        named = (
            update(user_account)
            .where(user_account.c.id == project.user_id)
            .values(first_name="Lea", last_name="Brandt")
        )
        await db.execute(named)


async def _letters(services: Services, project: Project) -> dict[str, str]:
    """Make what mails lead to: an invitation, a forgotten password, and no more mail."""
    new = NewInvite(target_email="jonas@fern.example")
    async with services.database.transaction() as db:
        organization_id = UUID(project.organization_id)
        invited = await create_invite(
            db, services, new, organization_id=organization_id, created_by=project.user_id
        )
        owner = await user_row(db, project.user_id)
        reset = await start_reset(db, services.clock, project.user_id)
    unsubscribe = unsubscribe_token(services.vault, project.project_id, "carla@lakeside.example")
    return {
        "/signup/{token:str}": f"/signup/{invited.token}",
        "/reset/{user_uuid:str}/{token:str}": f"/reset/{owner['uuid']}/{reset}",
        "/email/unsubscribe/{token:str}": f"/email/unsubscribe/{unsubscribe}",
    }


class _Owner:
    """What `make_channel` asks of a member."""

    def __init__(self, project: Project) -> None:
        self.project_id, self.user_id = project.project_id, project.user_id


async def _channel(services: Services, project: Project) -> EmailChannel:
    return await make_channel(services, _Owner(project), "help@fern.example", from_name="Fern & Field")


async def _domain(services: Services, project: Project) -> None:
    now = services.clock.now()
    async with services.database.transaction() as db:
        await db.execute(
            insert(organization_domain).values(
                id=new_uuid(), organization_id=UUID(project.organization_id), domain="fern.example", created_at=now,
                verification_challenge="x", verified_at=now, jit_provisioning_enabled=True,
            )
        )  # fmt: skip


async def _things(team: httpx.AsyncClient, project: Project) -> None:
    root = f"/api/projects/{project.project_id}"
    for path, body in THINGS:
        await _made(team.post(f"{root}/{path}/", json=body))
    await _made(team.post(f"/api/organizations/{project.organization_id}/roles/", json={"name": "Billing"}))
    settings = {"email_enabled": True, "widget_greeting_text": "Hello! How can we help?"}
    await _made(team.patch(f"{root}/", json={"conversations_settings": settings}))
    funnel = {"name": "From sign-up to a first board", "query": {"kind": "FunnelsQuery", "series": STEPS}}
    insight = (await _made(team.post(f"{root}/insights/", json=funnel)))["id"]
    await _made(team.post(f"{root}/customer_journeys/", json={"insight": insight, "name": "First steps"}))
    dashboard = (await _made(team.get(f"{root}/dashboards/")))["results"][0]["id"]
    report = {"target_type": "email", "target_value": "lea@fern.example", "title": "Support, each Monday"}
    dates = {"frequency": "weekly", "byweekday": ["monday"], "start_date": "2026-12-07T09:00:00Z"}
    fields = {"dashboard": dashboard, "dashboard_export_all": True, **report, **dates}
    await _made(team.post(f"{root}/subscriptions/", json=fields))


async def _of_test_address(team: httpx.AsyncClient, project: Project) -> dict[str, str]:
    """Find the pages that only the demo's test address has."""
    root = f"/api/projects/{project.project_id}/conversations"
    channels = (await _made(team.get(f"{root}/email_channels/")))["results"]
    channel = next(one for one in channels if one["is_test"])
    by_mail: dict[str, str | int] = {"channel_source": "email", "status": "resolved", "limit": 1}
    [ticket] = (await _made(team.get(f"{root}/tickets/", params=by_mail)))["results"]
    return {
        "/settings/email/{channel_id:str}/write-as-customer": f"/settings/email/{channel['id']}/write-as-customer",
        "/inbox/{number:int}/test-mail": f"/inbox/{ticket['ticket_number']}/test-mail",
    }


async def _shared(team: httpx.AsyncClient, project: Project) -> str:
    root = f"/api/projects/{project.project_id}/dashboards/"
    dashboard = (await _made(team.get(root)))["results"][0]["id"]
    shared = await _made(team.patch(f"{root}{dashboard}/sharing/", json={"enabled": True}))
    return f"/shared/{shared['access_token']}"


async def _made(asked: Any) -> Any:
    answer = await asyncio.wait_for(asked, 60)
    assert answer.is_success, f"{answer.request.url}: {answer.text}"
    return answer.json()
