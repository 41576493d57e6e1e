"""Fixtures of the tests of fetching: a real Dovecot, and a channel whose mail lies there."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio

from parley.email.imap import rules
from parley.email.inbound.tests.mailbox import make_mailbox
from parley.kernel.network.dns import DnsResolver
from tests.certificates import write_certificate
from tests.dns_server import dns_server
from tests.dovecot import Dovecot


@pytest.fixture(scope="session")
def dovecot():
    if shutil.which("dovecot", path="/usr/sbin:/usr/bin") is None:
        pytest.skip("dovecot is not installed; tools/install_services.sh dovecot installs it on Debian")
    # Its own user must reach the folder, which it couldn't inside pytest's.
    with TemporaryDirectory(prefix="parley-dovecot-") as folder:
        write_certificate(Path(folder) / "mail.pem")
        made = Dovecot(Path(folder), Path(folder) / "mail.pem")
        made.start()
        yield made
        made.stop()


class Fetched:
    """A channel, its mailbox on the server, and turns of fetching."""

    def __init__(self, dovecot, inbox, member, clock):
        self.dovecot, self.inbox, self.member, self.clock = dovecot, inbox, member, clock
        self.user = f"u{uuid4().hex[:12]}"
        channels = "/api/projects/@current/conversations/email_channels"
        self.url = f"{channels}/{inbox.channel.id}/imap/"

    @property
    def settings(self):
        return {
            "host": "127.0.0.1",
            "port": self.dovecot.port,
            "security": "none",
            "username": self.user,
            "password": "secret",
        }

    async def connect(self, **more):
        answer = await self.member.client.put(self.url, json=self.settings | more)
        assert answer.status_code == 200, answer.text
        await self.turn()
        return answer.json()

    async def turn(self):
        """Let time pass and the next turn be taken; return the ledger, oldest first."""
        self.clock.advance(rules.LONGEST_PAUSE)
        await self.inbox.queue.drain()
        return list(reversed(await self.inbox.rows()))

    async def state(self):
        return (await self.member.client.get(self.url)).json()


@pytest_asyncio.fixture
async def fetched(dovecot, services, queue, alice, clock, monkeypatch):
    allowed = frozenset({("127.0.0.1", dovecot.port)})
    monkeypatch.setattr(
        services, "settings", msgspec.structs.replace(services.settings, allowed_hosts_out=allowed)
    )
    monkeypatch.setattr(rules, "TURN_S", 0.0)
    made = Fetched(dovecot, await make_mailbox(services, queue, alice), alice, clock)
    async with dns_server() as dns:
        monkeypatch.setattr(services, "dns", DnsResolver(dns.address))
        yield made
    await alice.client.delete(made.url)
