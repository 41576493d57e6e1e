"""Mail that comes in by the SMTP door: verified by SPF and DKIM, kept and interpreted."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiosmtplib
import httpx

from benchmarks.inbound import CLIENTS, LINE, MAIL_BYTES, Interpreted, connect, settled
from benchmarks.processes import cpu_seconds, proportional_set_mib
from benchmarks.programs import READY_TIMEOUT_S, parley
from benchmarks.world import World, make_world
from parley.email.channels.dkim import NewDkimKey, new_dkim_key
from parley.email.letters.signing import SigningKey, signed
from tests.dns_server import DnsServer, dns_server
from tests.servers import free_port

DOMAIN, WARM_UP = "inbound.example.org", 50


def measure_inbound_smtp(folder: Path, url: str, mails: int) -> Interpreted:
    """Run Parley with its SMTP door on a new database of PostgreSQL, and bring mails of 20 KB with a signature."""
    folder.mkdir(parents=True)
    return asyncio.run(_run(folder, url, make_world(folder, url, 1, agents=0), mails))


async def _run(folder: Path, url: str, world: World, mails: int) -> Interpreted:
    key, port = new_dkim_key(), free_port()
    async with dns_server() as dns:
        _publish(dns, key)
        settings = {
            "PARLEY_INBOUND_SMTP": f"127.0.0.1:{port}",
            "PARLEY_INBOUND_DOMAIN": DOMAIN,
            "PARLEY_DNS_SERVER": f"127.0.0.1:{dns.port}",
        }
        with parley(folder, url, settings=settings) as own:
            return await _measure(own.address, own.process.pid, world, mails, key, port)


def _publish(dns: DnsServer, key: NewDkimKey) -> None:
    dns.publish(f"{key.selector}._domainkey.example.com", "TXT", f"v=DKIM1; k=rsa; p={key.public_key}")
    dns.publish("example.com", "TXT", "v=spf1 ip4:127.0.0.1 -all")
    dns.publish("_dmarc.example.com", "TXT", "v=DMARC1; p=reject")


async def _measure(
    address: str, pid: int, world: World, mails: int, key: NewDkimKey, port: int
) -> Interpreted:
    headers = {"Authorization": world.headers["Authorization"]}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as api:
        recipient = (await connect(api, world))["forwarding_address"]
    # Signed beforehand, so that making them takes no time of the machine while it is measured.
    made = [_mail(recipient, key) for _ in range(WARM_UP + mails)]
    await _await_door(port)
    await _bring_all(port, recipient, made[:WARM_UP])
    await settled(world, WARM_UP)
    before, size, began = cpu_seconds(pid), proportional_set_mib(pid), time.perf_counter()
    await _bring_all(port, recipient, made[WARM_UP:])
    kept_s = time.perf_counter() - began
    await settled(world, WARM_UP + mails)
    took, used = time.perf_counter() - began, cpu_seconds(pid) - before
    return Interpreted(mails, kept_s, took, used, round(1024 * (proportional_set_mib(pid) - size)))


def _mail(recipient: str, key: NewDkimKey) -> bytes:
    id, text = uuid4().hex, LINE * (MAIL_BYTES // len(LINE))
    head = f"From: Ada <{id}@example.com>\nTo: {recipient}\nSubject: A question\nMessage-ID: <{id}@example.com>\n"
    whole = f"{head}Date: Sat, 03 Jan 2026 12:00:00 +0000\n\n{text}".replace("\n", "\r\n").encode()
    return signed(whole, SigningKey("example.com", key.selector, key.private_key), datetime.now(UTC))


async def _await_door(port: int) -> None:
    """Wait until the process that takes mail in has started; the server is ready before it."""
    async with asyncio.timeout(READY_TIMEOUT_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def _bring_all(port: int, recipient: str, mails: list[bytes]) -> None:
    async def bring(mine: list[bytes]) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=60) as client:
            for mail in mine:
                await client.sendmail("bounces@example.com", [recipient], mail)

    await asyncio.gather(*(bring(mails[start::CLIENTS]) for start in range(CLIENTS)))
