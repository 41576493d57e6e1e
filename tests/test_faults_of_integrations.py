"""Killed while messages come in from Slack and Twilio, and while answers are in the hands of other services."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from parley.commands.command_database import opened_services
from parley.conversations.tickets.tables import comment
from parley.integrations.linkedin_ads.tests import fake_linkedin
from parley.integrations.linkedin_conversions.actions.collecting import collect_all
from parley.integrations.linkedin_conversions.tables import linkedin_conversion
from parley.integrations.slack.tests.slack_double import (
    SECRET,
    SUPPORT,
    TOKEN,
    SlackDouble,
    event_body,
    signature,
)
from parley.integrations.slack_channel.routes import PATH as EVENTS
from parley.integrations.slack_channel.tables import slack_event, slack_post
from parley.integrations.sms_outbound.tables import sms_message, sms_queue
from parley.integrations.twilio.tests.double import INBOUND, OWN, SITE, TwilioDouble, sid
from parley.kernel.config.settings import Settings
from parley.kernel.jobs import job_schedule
from parley.kernel.jobs.tables import outbox
from parley.kernel.services import Services
from tests.parley_server import Project, migrated_postgres_url
from tests.receiver import Received, Receiver, Respond, answers, receiving
from tests.test_faults import Program

N_INCOMING, N_CONVERSIONS, ENOUGH, LONGEST_S = 12, 3, 5, 90
Send = Callable[[], Awaitable[bool]]


class Unheard:
    """Where an answer is written that nobody gets."""

    def write(self, _: bytes) -> None: ...

    async def drain(self) -> None: ...


class Slow:
    """A service that takes some calls and does not answer them, as long as it is slow."""

    def __init__(self, receiver: Receiver, inner: Respond, is_meant: Callable[[Received], bool]) -> None:
        self.is_slow, self.has_one = True, asyncio.Event()
        self._inner, self._is_meant = inner, is_meant
        receiver.respond = self._respond

    async def _respond(self, writer: Any, request: Received) -> None:
        if self.is_slow and self._is_meant(request):
            await self._inner(Unheard(), request)  # type: ignore[arg-type]
            self.has_one.set()
            await asyncio.Event().wait()
        await self._inner(writer, request)


@dataclass
class World:
    """A server that is connected to doubles of the three services."""

    program: Program
    project: Project
    services: Services
    twilio: TwilioDouble
    slack: SlackDouble
    linkedin: fake_linkedin.FakeLinkedIn
    slow: list[Slow]
    converted: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    @property
    def root(self) -> str:
        return f"/api/projects/{self.project.project_id}"

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.program.client(self.project) as client:
            answer = await client.post(self.root + path, json=body, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def found(self, statement: Any) -> list[Any]:
        async with self.services.database.transaction(write=False) as db:
            return list((await db.execute(statement)).scalars())

    async def n_open(self) -> int:
        """Count what is under way."""
        open_ = (
            select(func.count()).where(sms_message.c.state.in_(("waiting", "sending"))),
            select(func.count()).where(slack_post.c.state == "waiting"),
            select(func.count()).where(slack_event.c.state == "received"),
            select(func.count()).where(linkedin_conversion.c.state == "pending"),
        )
        return sum([(await self.found(one))[0] for one in open_])

    async def contents(self) -> Counter[str]:
        return Counter(await self.found(select(comment.c.content)))


async def connect(world: World) -> None:
    """Connect the services: a phone number, a channel, a rule for conversions."""
    twilio = await world.post("/integrations/", {"kind": "twilio", "config": world.twilio.config})
    number = {"integration_id": twilio["id"], "phone_number": OWN}
    await world.post("/conversations/sms_channels", number)
    await world.post("/integrations/", {"kind": "slack", "config": {"bot_token": TOKEN}})
    settings = {"conversations_settings": {"slack_enabled": True, "slack_channel_id": SUPPORT}}
    async with world.program.client(world.project) as client:
        assert (await client.patch(f"{world.root}/", json=settings)).status_code == 200
        asked = {"kind": "linkedin-ads"}
        location = (await client.get(f"{world.root}/integrations/authorize", params=asked)).headers[
            "location"
        ]
    state = parse_qs(urlsplit(location).query)["state"][0]
    config = {"code": world.linkedin.code_for(location), "state": state}
    linkedin = await world.post("/integrations/", {"kind": "linkedin-ads", "config": config})
    rule = {"integration_id": linkedin["id"], "ad_account_id": "501", "conversion_rule_id": "104012"}
    await world.post("/linkedin_conversions/", rule | {"trigger": "ticket_opened"})


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        at_twilio, at_slack = [await stack.enter_async_context(receiving()) for _ in range(2)]
        at_linkedin = await stack.enter_async_context(receiving(port=fake_linkedin.PORT))
        slack, twilio, linkedin = SlackDouble(at_slack), TwilioDouble(), fake_linkedin.FakeLinkedIn()
        settings = {f"PARLEY_{name.upper()}": value for name, value in fake_linkedin.SETTINGS.items()}
        settings |= {
            "PARLEY_SITE_URL": SITE, "PARLEY_TWILIO_API_URL": at_twilio.url.removesuffix("/hook"),
            "PARLEY_SLACK_API_URL": slack.url, "PARLEY_SLACK_SIGNING_SECRET": SECRET,
        }  # fmt: skip
        if request.param == "postgresql":
            settings["PARLEY_DATABASE_URL"] = migrated_postgres_url()
        program = Program(tmp_path, settings)
        await asyncio.to_thread(program.run)
        stack.callback(program.end, signal.SIGKILL)
        project = program.bootstrap("owner@example.com")
        services = await stack.enter_async_context(opened_services(Settings.from_env(program.settings)))
        slow = [
            Slow(
                at_twilio, twilio.respond, lambda one: one.method == "POST" and "/Messages.json" in one.path
            ),
            Slow(at_slack, at_slack.respond, lambda one: b"username=" in one.body),
            Slow(at_linkedin, linkedin.respond, lambda one: one.path == "/rest/conversionEvents"),
        ]
        made = World(program, project, services, twilio, slack, linkedin, slow)

        async def convert(writer: asyncio.StreamWriter, request: Received) -> None:
            made.converted.append(request.json()["eventId"])
            await answers(201)(writer, request)

        linkedin.instead["/rest/conversionEvents"] = convert
        await connect(made)
        yield made


async def incoming(world: World, client: httpx.AsyncClient) -> dict[str, Send]:
    """Return by its words what Twilio and Slack send in, each so that it can be sent again as it is."""

    def text(number: int) -> Send:
        fields = world.twilio.message(f"text {number}", MessageSid=sid("SM", number))
        signed = world.twilio.signed(SITE + INBOUND, fields)

        async def send() -> bool:
            answer = await client.post(INBOUND, content=urlencode(fields), headers=signed)
            return answer.status_code == 200

        return send

    def event(number: int) -> Send:
        said = world.slack.said(f"event {number}")
        body = msgspec.json.encode(event_body(said, team=world.slack.team, event_id=f"Ev{number}"))

        async def send() -> bool:
            now = int(time.time())
            signed = {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": signature(body, now)}
            return (await client.post(EVENTS, content=body, headers=signed)).status_code == 200

        return send

    numbers = range(N_INCOMING)
    return {f"text {n}": text(n) for n in numbers} | {f"event {n}": event(n) for n in numbers}


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + LONGEST_S
    while not await is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def have_all_under_way(world: World, sends: dict[str, Send]) -> None:
    """Have an answer sent by text message, one in Slack, and conversions; return when each has got to its service."""
    for words in ("text 0", "event 0"):
        assert await sends[words]()
    await until(lambda: _is_there(world, "text 0", "event 0"))
    async with world.program.client(world.project) as client:
        tickets = (await client.get(f"{world.root}/conversations/tickets/")).json()["results"]
    for one in tickets:
        number = one["ticket_number"]
        await world.post(
            f"/conversations/tickets/{number}/reply/", {"message": f"answer by {one['channel_source']}"}
        )
    for number in range(N_CONVERSIONS):
        body = {"email": f"p{number}@example.com", "message": "Hello"}
        await world.post("/conversations/tickets/", body)
    await collect_all(world.services)  # the server's own look may have made some of them before
    made = await world.found(select(func.count()).select_from(linkedin_conversion))
    assert made[0] >= N_CONVERSIONS
    async with asyncio.timeout(LONGEST_S):
        await asyncio.gather(*(one.has_one.wait() for one in world.slow))


async def _is_there(world: World, *words: str) -> bool:
    return set(words) <= (await world.contents()).keys()


async def kill_amid(world: World, sends: dict[str, Send]) -> None:
    """Send everything in, and kill the server once some of each kind is acknowledged."""

    async def send(words: str) -> None:
        with contextlib.suppress(httpx.TransportError):
            if await sends[words]():
                world.acknowledged.add(words)
        n_of_each = Counter(one.split()[0] for one in world.acknowledged)
        if min(n_of_each["text"], n_of_each["event"]) >= ENOUGH:
            world.program.end(signal.SIGKILL)

    await asyncio.gather(*(send(words) for words in sends))


async def let_go_on(services: Services) -> None:
    """Let what the killed server held be free again, as it is some minutes later."""
    now = services.clock.now()
    before = now - timedelta(minutes=5)
    async with services.database.transaction() as db:
        held = update(outbox).where(outbox.c.holder.is_not(None))
        await db.execute(held.values(holder=None, available_at=now))
        await db.execute(update(sms_queue).values(busy_by=None, busy_until=None, called_at=None))
        begun = update(sms_message).where(sms_message.c.state == "sending")
        await db.execute(begun.values(next_at=before))
        posted = update(slack_post).where(slack_post.c.started_at.is_not(None))
        await db.execute(posted.values(started_at=before))
        looks = job_schedule.c.name == "sms.call_for_due_texts"
        await db.execute(update(job_schedule).where(looks).values(due_at=before))


async def test_a_kill_loses_no_message_and_nothing_goes_out_twice_that_can_be_looked_up(world: World):
    async with httpx.AsyncClient(base_url=world.program.url, timeout=60) as client:
        sends = await incoming(world, client)
        await have_all_under_way(world, sends)
        await kill_amid(world, sends)
        for one in world.slow:
            one.is_slow = False
        await let_go_on(world.services)
        await asyncio.to_thread(world.program.run)
        await until(lambda: _nothing_is_open(world))
        assert world.acknowledged <= (await world.contents()).keys()
        assert all(await asyncio.gather(*(send() for send in sends.values())))  # as both services do
        await until(lambda: _nothing_is_open(world))
    stored = await world.contents()
    assert {words: stored[words] for words in sends} == dict.fromkeys(sends, 1)
    assert Counter(one["Body"] for one in world.twilio.texts) == {"answer by sms": 1}
    posts = Counter(one["text"] for one in world.slack.posts())
    assert posts["answer by slack"] == 1 and set(posts.values()) == {1}
    conversions = select(linkedin_conversion.c.event_id).where(linkedin_conversion.c.state == "sent")
    sent = Counter(world.converted)
    assert sent.keys() == {str(id) for id in await world.found(conversions)}
    assert max(sent.values()) <= 2


async def _nothing_is_open(world: World) -> bool:
    return await world.n_open() == 0
