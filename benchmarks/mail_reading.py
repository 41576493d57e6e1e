"""How many mails of 20 KB are read a second in processes of their own, and what they take after ten thousand."""

import asyncio
import base64
import os
import random
import time
from types import SimpleNamespace
from typing import cast

import msgspec

from parley.email.parsing.apart import PROGRAM, parse_apart
from parley.kernel.isolation.pool import IsolatedPools
from parley.kernel.services import Services

N_MAILS, AT_ONCE, N_BEFORE = 10_000, 8, 500
SENTENCES = (
    "Hello,\r\n\r\nour order hasn't arrived yet. ",
    "Could you look where it is, please? ",
    "The number is 4711, and it was paid on Monday. ",
    "Kind regards\r\nAda\r\n",
)


class MailReading(msgspec.Struct, frozen=True):
    """What was measured; memory is that of all processes that read, in megabytes."""

    mails_per_second: float
    first_ms: float
    memory_before_mb: float
    memory_after_mb: float

    def figures(self) -> dict[str, float]:
        growth = self.memory_after_mb / self.memory_before_mb
        return {"read.per_second": self.mails_per_second, "memory.times": growth}


async def measure_mail_reading() -> MailReading:
    """Read ten thousand mails, some at once."""
    pools = IsolatedPools()
    services = cast(Services, SimpleNamespace(isolated=pools))
    mails = [mail(n) for n in range(50)]
    started = time.perf_counter()
    await parse_apart(services, mails[0])
    first_ms = (time.perf_counter() - started) * 1000
    await read_all(services, mails, N_BEFORE)
    before = memory_mb()
    started = time.perf_counter()
    await read_all(services, mails, N_MAILS)
    seconds = time.perf_counter() - started
    found = MailReading(N_MAILS / seconds, first_ms, before, memory_mb())
    await pools.close()
    return found


async def read_all(services: Services, mails: list[bytes], count: int) -> None:
    """Read so many mails, from several tasks that share them."""
    turns = iter(range(count))

    async def reader() -> None:
        for n in turns:
            await parse_apart(services, mails[n % len(mails)])

    await asyncio.gather(*(reader() for _ in range(AT_ONCE)))


def mail(number: int) -> bytes:
    """Return a mail of about 20 KB: an answer in text and HTML with what it quotes, and a small image."""
    chance = random.Random(number)
    text = "".join(chance.choice(SENTENCES) for _ in range(20)) + "\r\n\r\n"
    quoted = "".join(f"> {chance.choice(SENTENCES)[:40].strip()}\r\n" for _ in range(60)).replace(
        "\r\n\r\n", " "
    )
    row = '<tr><td style="padding:0;color:#333"><p>{}</p></td><td><a href="https://shop.example/{}">order</a></td></tr>'
    rows = "".join(row.format(chance.choice(SENTENCES).strip(), chance.random()) for _ in range(65))
    image = base64.encodebytes(chance.randbytes(5000)).decode().replace("\n", "\r\n")
    return (
        f"From: Ada Lovelace <ada@example.com>\r\nTo: team@example.com\r\nSubject: =?utf-8?Q?n=C2=B0?= {number}\r\n"
        f"Message-ID: <{number}@example.com>\r\nReferences: <1@example.com> <2@example.com>\r\n"
        "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
        "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
        f"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}On Mon, 2 Nov 2026, Team wrote:\r\n{quoted}\r\n"
        f"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><table>{rows}</table></body></html>\r\n--a--\r\n"
        f"--m\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{image}--m--\r\n"
    ).encode()


def memory_mb() -> float:
    """Return what the processes of the reader that this process started take, by /proc."""
    total = 0
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                is_reader = PROGRAM.encode() in file.read()
            with open(f"/proc/{name}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
            if is_reader and parent == os.getpid():
                with open(f"/proc/{name}/statm") as file:
                    total += int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        except (OSError, ValueError, IndexError):
            continue
    return total / 1024 / 1024


if __name__ == "__main__":
    print(len(mail(1)), asyncio.run(measure_mail_reading()))
