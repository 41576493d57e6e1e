"""The process that takes mail, as `parley serve` starts it."""

import asyncio
import os
import signal
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiosmtplib
import pytest
import pytest_asyncio

from parley.email.inbound.tests.mailbox import mail
from tests.certificates import write_certificate
from tests.dns_server import dns_server
from tests.parley_server import ParleyServer
from tests.postfix import Postfix, is_installed
from tests.servers import free_port


@pytest_asyncio.fixture
async def server(tmp_path):
    write_certificate(tmp_path / "mail.pem")
    async with dns_server() as dns:
        settings = {
            "PARLEY_INBOUND_SMTP": f"127.0.0.1:{free_port()}",
            "PARLEY_INBOUND_SMTP_CERTIFICATE": str(tmp_path / "mail.pem"),
            "PARLEY_DNS_SERVER": f"127.0.0.1:{dns.port}",
        }
        made = ParleyServer(tmp_path, settings)
        await asyncio.to_thread(made.start)
        yield made
        await asyncio.to_thread(made.stop)


def smtp(server: ParleyServer) -> aiosmtplib.SMTP:
    port = int(server.settings["PARLEY_INBOUND_SMTP"].rpartition(":")[2])
    return aiosmtplib.SMTP(
        hostname="127.0.0.1", port=port, start_tls=True, tls_context=_any_certificate(), timeout=60
    )


def _any_certificate() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


async def send(server: ParleyServer, address: str, raw: bytes) -> None:
    """Hand a mail over, as a mail server does: until it is taken."""
    async with asyncio.timeout(60):
        while True:
            try:
                async with smtp(server) as client:
                    await client.sendmail("ada@example.com", [address], raw)
                    return
            except (aiosmtplib.SMTPException, OSError):
                await asyncio.sleep(0.2)


def mail_processes(server: ParleyServer) -> set[int]:
    """Return the processes that take mail for this server."""
    mark = server.settings["PARLEY_INBOUND_SMTP"].encode()
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_mail = b"parley.server.mail_process" in (folder / "cmdline").read_bytes()
            if is_mail and mark in (folder / "environ").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue
    return found


async def test_mail_comes_in_encrypted_and_outlives_the_process_that_takes_it(server):
    project = server.bootstrap("owner@example.com")
    root = f"/api/projects/{project.project_id}/conversations"
    body = {"from_email": "support@example.com", "from_name": "Support"}
    async with server.client(project) as api:
        channel = (await api.post(f"{root}/email_channels/", json=body)).json()
        first, second = mail("First"), mail("Second")
        await send(server, channel["forwarding_address"], first)
        [pid] = mail_processes(server)
        os.kill(pid, signal.SIGKILL)
        await send(server, channel["forwarding_address"], second)
        assert mail_processes(server) != {pid}
        async with asyncio.timeout(60):
            states: list[str] = []
            while states != ["stored", "stored"]:
                await asyncio.sleep(0.2)
                rows = (await api.get(f"{root}/inbound_messages/")).json()["results"]
                states = [row["state"] for row in rows]
    assert {row["authentication"][0]["method"] for row in rows if row["authentication"]} <= {"spf"}
    await asyncio.to_thread(server.stop)
    assert mail_processes(server) == set()


@pytest_asyncio.fixture
async def postfix(server):
    if not is_installed():
        pytest.skip("postfix is not installed, or this isn't root")
    with TemporaryDirectory(prefix="parley-postfix-") as folder:
        made = Postfix(Path(folder), int(server.settings["PARLEY_INBOUND_SMTP"].rpartition(":")[2]))
        await asyncio.to_thread(made.start)
        yield made
        await asyncio.to_thread(made.stop)


async def test_a_postfix_brings_its_mail_encrypted_and_returns_what_is_not_taken(server, postfix):
    project = server.bootstrap("owner@example.com")
    root = f"/api/projects/{project.project_id}/conversations"
    body = {"from_email": "support@example.com", "from_name": "Support"}
    async with server.client(project) as api:
        channel = (await api.post(f"{root}/email_channels/", json=body)).json()
        for number in range(5):
            raw = mail("Grüße " * 50, subject=f"Mail {number}")
            postfix.send("ada@example.com", channel["forwarding_address"], raw)
        postfix.send("ada@example.com", "team-00@inbound.localhost", mail())
        async with asyncio.timeout(60):
            rows: list[dict[str, Any]] = []
            while len(rows) < 5 or "550 5.1.1" not in postfix_log(postfix):
                await asyncio.sleep(0.2)
                rows = (await api.get(f"{root}/inbound_messages/")).json()["results"]
        raw = (await api.get(f"{root}/inbound_messages/{rows[0]['id']}/raw/")).content
    assert len(rows) == 5 and raw.startswith(b"Received: from relay.example.org") and b"with ESMTPS" in raw


def postfix_log(postfix: Postfix) -> str:
    log = postfix.folder / "log"
    return log.read_text() if log.exists() else ""
