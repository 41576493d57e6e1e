"""Mail in both directions while its database or its storage is away now and then: nothing is lost, nothing comes twice."""

import asyncio
import signal
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from parley.email.mail_webhook.tests.posted import SIGNING_KEY
from tests import servers
from tests.balancer import Balancer
from tests.test_faults import Program
from tests.test_faults_of_email import N_CUSTOMERS, Post, dns, settled, sink

__all__ = ["dns", "sink"]
AWAY_S = 1.5


class Bucket:
    """A bucket whose server can be away."""

    def __init__(self, balancer: Balancer) -> None:
        self._balancer, self._ports = balancer, balancer.ports

    def stop(self) -> None:
        self._balancer.ports = [servers.free_port()]

    def start(self) -> None:
        self._balancer.ports = self._ports


@pytest.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bucket]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    async with Balancer([port]) as balancer:
        given = {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "us-east-1"}
        for name, value in (given | {"ENDPOINT_URL": balancer.url}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        assert httpx.put(f"http://127.0.0.1:{port}/mails").status_code == 200
        yield Bucket(balancer)
    server.stop()


@pytest.mark.slow
async def test_ledger_tickets_and_mail_server_agree_over_outages(
    stoppable_postgres, bucket, tmp_path, dns, sink
):
    settings = {
        "PARLEY_DATABASE_URL": stoppable_postgres.make_database("mail"),
        "PARLEY_STORAGE_URL": "s3://mails/parley",
        "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{sink[1]}",
        "PARLEY_DNS_SERVER": f"127.0.0.1:{dns.port}",
        "PARLEY_MAILGUN_SIGNING_KEY": SIGNING_KEY,
    }
    program = Program(tmp_path, settings)
    await asyncio.to_thread(program.run)
    post = Post(program, await asyncio.to_thread(program.bootstrap, "owner@example.com"))
    await post.connect_channel(dns)

    async def outages() -> None:
        for server in (bucket, stoppable_postgres, bucket, stoppable_postgres):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(AWAY_S)
            await asyncio.to_thread(server.start)

    work = [post.write(number) for number in range(N_CUSTOMERS)]
    work += [post.answer(number) for number in range(N_CUSTOMERS // 2)]
    await asyncio.gather(outages(), *work)
    await post.find_first_mails()
    await settled(post)
    rows = await post.ledger()
    assert sorted(row["message_id"] for row in rows) == sorted(post.sent_in) != []
    assert {row["state"] for row in rows} == {"stored", "merged"}
    assert sorted(await post.comments()) == sorted(post.sent_in)
    taken = sink[0].taken
    told = {(str(UUID(hex=message_id.split(".")[0])), recipient) for message_id, recipient in taken}
    assert told == set(post.answers.items())
    assert max(taken.values()) == 1  # an answer that the database couldn't store is recorded once it can
    assert await asyncio.to_thread(program.end, signal.SIGTERM) == 0
