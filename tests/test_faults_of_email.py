"""Mail in both directions over servers that are killed again and again: nothing is lost, and nothing happens twice."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from aiosmtpd.controller import Controller

from parley.email.mail_webhook.tests.posted import SIGNING_KEY, posted
from tests import servers
from tests.dns_server import DnsServer, dns_server
from tests.parley_server import Project, migrated_postgres_url
from tests.test_faults import Program

INBOUND = "/api/conversations/v1/email/inbound"
N_KILLS = 2
N_CUSTOMERS, N_MAILS = 4, 6
SETTLED_S = 90


class Sink:
    """Somebody else's mail server. `taken` counts how often it was given each mail for each recipient."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        message_id = message_from_bytes(envelope.content)["Message-ID"].strip("<> ")
        for recipient in envelope.rcpt_tos:
            self.taken[message_id, recipient] += 1
        return "250 Taken"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    made = Sink()
    controller = Controller(made, hostname="127.0.0.1", port=servers.free_port())
    controller.start()
    yield made, controller.port
    controller.stop()


@pytest.fixture
async def dns() -> AsyncIterator[DnsServer]:
    async with dns_server() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def program(
    request: pytest.FixtureRequest, tmp_path: Path, dns: DnsServer, sink: tuple[Sink, int]
) -> Iterator[Program]:
    settings = {"PARLEY_DATABASE_URL": migrated_postgres_url()} if request.param == "postgresql" else {}
    settings |= {
        "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{sink[1]}",
        "PARLEY_DNS_SERVER": f"127.0.0.1:{dns.port}",
        "PARLEY_MAILGUN_SIGNING_KEY": SIGNING_KEY,
    }
    made = Program(tmp_path, settings)
    made.run()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


class Post:
    """Customers who write mails, and agents who write to others, each until it is acknowledged."""

    def __init__(self, program: Program, project: Project) -> None:
        self.program, self.project = program, project
        self.path = f"/api/projects/{project.project_id}/conversations"
        self.sent_in: list[str] = []  # message ids of mails that were acknowledged
        self.answers: dict[str, str] = {}  # message id of a reply to the address of its customer
        self.tickets: list[str] = []  # composed ones
        self.recipient = self.channel_id = ""

    async def connect_channel(self, dns: DnsServer) -> None:
        async with self.program.client(self.project) as api:
            channel = {"from_email": "support@acme.test", "from_name": "Acme"}
            made = (await api.post(f"{self.path}/email_channels/", json=channel)).raise_for_status().json()
            for record in made["dns_records"]["sending_dns_records"]:
                dns.publish(record["name"], record["record_type"], record["value"])
            verified = await api.post(f"{self.path}/email_channels/{made['id']}/verify/")
            assert verified.json()["domain_verified"]
            self.recipient, self.channel_id = made["forwarding_address"], made["id"]

    async def acknowledged(self, client: httpx.AsyncClient, path: str, **request: Any) -> Any:
        """Ask until somebody answers, as a provider of mail does, or a program with an idempotency key."""
        for _ in range(2_000):
            try:
                answer = await client.post(path, **request)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code < 500 and answer.status_code not in (409, 429):
                return answer.raise_for_status()
            await asyncio.sleep(0.1)
        raise AssertionError(f"nobody answers {path}")

    async def write(self, number: int) -> None:
        """Write mails, the first ones of new conversations, the others in answer to the one before."""
        address, before = f"customer{number}@example.com", ""
        async with httpx.AsyncClient(base_url=self.program.url) as client:
            for at in range(N_MAILS):
                id = f"{number}.{at}.{uuid4().hex}@example.com"
                thread = {"References": f"<{before}>"} if before and at % 4 else {}
                form = posted(
                    self.recipient, **thread, Message_Id=f"<{id}>", sender=address, From=None, body_plain=id
                )
                form |= {"from": f"Customer <{address}>", "stripped-text": id}
                await self.acknowledged(client, INBOUND, data=form)
                self.sent_in.append(id)
                before = id
                await asyncio.sleep(0.1)

    async def answer(self, number: int) -> None:
        """Begin conversations by mail, and write once more in each."""
        address = f"asker{number}@example.com"
        async with self.program.client(self.project) as api:
            for at in range(N_MAILS // 2):
                new = {
                    "recipient_email": address,
                    "email_config_id": self.channel_id,
                    "message": f"first {at}",
                }
                ticket = await self.keyed(api, f"{self.path}/tickets/compose/", new)
                self.tickets.append(ticket["id"])
                reply = {"message": f"second {at}"}
                self.answers[
                    (await self.keyed(api, f"{self.path}/tickets/{ticket['id']}/reply/", reply))["id"]
                ] = address
                await asyncio.sleep(0.1)

    async def keyed(self, api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
        headers = {"Idempotency-Key": str(uuid4())}
        return (await self.acknowledged(api, path, json=body, headers=headers)).json()

    async def ledger(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        async with self.program.client(self.project) as api:
            url = f"{self.path}/inbound_messages/"
            while url:
                page = (await api.get(url)).raise_for_status().json()
                rows += page["results"]
                url = page["next"]
        return rows

    async def comments(self) -> list[str]:
        """Return what customers have written, on all tickets."""
        found: list[str] = []
        async with self.program.client(self.project) as api:
            tickets = (await api.get(f"{self.path}/tickets/?limit=1000")).json()["results"]
            for ticket in tickets:
                page = await api.get(f"{self.path}/tickets/{ticket['id']}/messages/?limit=1000")
                found += [
                    one["content"] for one in page.json()["results"] if one["author_type"] == "customer"
                ]
        return found

    async def find_first_mails(self) -> None:
        """Add the first messages of what was composed to the answers, as their ids aren't in the answer to that."""
        async with self.program.client(self.project) as api:
            for id in self.tickets:
                ticket = (await api.get(f"{self.path}/tickets/{id}/")).raise_for_status().json()
                page = (await api.get(f"{self.path}/tickets/{id}/messages/")).raise_for_status().json()
                assert [one["content"].split()[0] for one in page["results"]] == ["first", "second"]
                self.answers[page["results"][0]["id"]] = ticket["distinct_id"]

    async def statuses(self) -> Counter[str]:
        """Return how many of the answers have which status of delivery."""
        found: Counter[str] = Counter()
        async with self.program.client(self.project) as api:
            for id in self.answers:
                path = f"/api/projects/{self.project.project_id}/comments/{id}/"
                context = (await api.get(path)).raise_for_status().json()["item_context"]
                found[context.get("email_delivery_status")] += 1
        return found


async def settled(post: Post) -> None:
    """Return once every mail is interpreted and every answer has gone."""
    async with asyncio.timeout(SETTLED_S):
        while any(row["state"] == "received" for row in await post.ledger()):
            await asyncio.sleep(0.3)
        while set(await post.statuses()) != {"sent"}:
            await asyncio.sleep(0.3)


async def kill_now_and_then(program: Program) -> None:
    moments = random.Random(7)
    for _ in range(N_KILLS):
        await asyncio.sleep(moments.uniform(0.3, 2.0))
        await asyncio.to_thread(program.end, signal.SIGKILL)
        await asyncio.to_thread(program.run)


@pytest.mark.slow
async def test_ledger_tickets_and_mail_server_agree_over_kills(program, dns, sink):
    project = await asyncio.to_thread(program.bootstrap, "owner@example.com")
    post = Post(program, project)
    await post.connect_channel(dns)
    work = [post.write(number) for number in range(N_CUSTOMERS)]
    work += [post.answer(number) for number in range(N_CUSTOMERS // 2)]
    await asyncio.gather(kill_now_and_then(program), *work)
    await post.find_first_mails()
    await settled(post)

    rows = await post.ledger()
    assert sorted(row["message_id"] for row in rows) == sorted(post.sent_in) != []
    assert {row["state"] for row in rows} == {"stored", "merged"}
    assert len({row["comment_id"] for row in rows}) == len(rows)
    assert sorted(await post.comments()) == sorted(post.sent_in)

    taken = sink[0].taken
    told = {(str(UUID(hex=message_id.split(".")[0])), recipient) for message_id, recipient in taken}
    assert told == set(post.answers.items())
    # Only what was handed over in the very moment of a kill may have gone twice, under the same Message-ID.
    assert sum(count - 1 for count in taken.values()) <= N_KILLS * 4
