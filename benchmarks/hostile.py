"""How long others wait while somebody sends small requests that stand for much work, to every route for everybody."""

import asyncio
import base64
import gzip
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import msgspec

from benchmarks.figures import slug
from benchmarks.world import World

PAUSE_S = 0.001
REST_S = 0.02
TIMEOUT_S = 120.0
JSON, FORM, MULTIPART = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
)
UUID = "0198f3a0-0000-7000-8000-000000000001"
WIDGET = "/api/conversations/v1/widget"
ROUTES = (
    *(("POST", path) for path in ("/batch/", "/capture/", "/track/", "/e/", "/i/v0/e/", "/engage/", "/s/")),
    *(
        ("POST", path)
        for path in ("/flags/", "/decide/", "/api/login/", "/api/reset/", f"/api/reset/{UUID}/")
    ),
    *(("POST", path) for path in ("/login", "/forgotten", f"/reset/{UUID}/x", "/setup/x", "/signup/x")),
    ("POST", f"/api/signup/{UUID}/"),
    ("POST", f"{WIDGET}/message"),
    ("POST", f"{WIDGET}/messages/{UUID}/read"),
    ("PATCH", f"/api/conversations/external/ticket/{UUID}"),
    ("POST", "/api/projects/1/conversations/tickets/"),
)


class Attack(msgspec.Struct, frozen=True):
    """A kind of body; `query` and `headers` go along with it."""

    title: str
    body: bytes
    content_type: str = JSON
    query: str = ""
    headers: dict[str, str] = {}


class Stall(msgspec.Struct, frozen=True):
    """The longest time that `/_health` took to answer while a kind of body went to each route, and to which it did."""

    title: str
    sent_bytes: int
    longest_ms: float
    route: str
    statuses: list[int]

    def figures(self) -> dict[str, float]:
        return {f"{slug(self.title)}.ms": self.longest_ms}


def attacks(world: World) -> Iterator[Attack]:
    """Yield the bodies. They name the project, as anybody can who has seen one of its pages."""

    def around(wide: bytes) -> bytes:
        return b'{"token":"%b","batch":[%b0]}' % (world.project_token.encode(), wide)

    events = b'{"event":"x","distinct_id":"a"},' * 9_000
    yield Attack("gzip files in a gzip file", gzip.compress(gzip.compress(b"") * 200_000))
    yield Attack("gzip files one after the other", gzip.compress(b"") * 3_000)
    yield Attack("20 MB of `[]`, gzip", gzip.compress(around(b"[]," * 7_000_000)))
    yield Attack('2 MB of `{"":0}`, gzip', gzip.compress(around(b'{"":0},' * 290_000)))
    yield Attack("75 000 parts, gzip", gzip.compress(around(b'{"":0},' * 35_000)))
    yield Attack("other names of 70 000 fields", around(_object(70_000) + b","))
    yield Attack("8 MB of `[]`", around(b"[]," * 2_700_000))
    yield Attack("64 KB of `[]`", around(b"[]," * 21_000))
    yield Attack("9 000 events, gzip", gzip.compress(around(events).replace(b",0]", b"]")))
    yield Attack(
        "4 000 merges of a large person, gzip", gzip.compress(around(_merges(4_000)).replace(b",0]", b"]"))
    )
    yield Attack("nested 60 000 deep", b"[" * 60_000)
    yield Attack("2 MB of escapes, gzip", gzip.compress(around(b'"' + rb"\ud83d" * 340_000 + b'",')))
    yield Attack("a number of 2 MB, gzip", gzip.compress(around(b"9" * 2_000_000 + b",")))
    yield Attack("escapes of a form, gzip", gzip.compress(b"data=" + b"%41" * 690_000), FORM)
    yield Attack("64 KB of a form's escapes", b"data=" + b"%41" * 21_000, FORM)
    yield Attack("fields of a form", b"a=1&" * 16_000, FORM)
    yield Attack(
        "parts of a form", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 1_100, MULTIPART
    )
    yield Attack("line breaks of a form", b"--x\r\n" + b"\r\n--" * 16_000, MULTIPART)
    yield Attack("base64 in base64, gzip", gzip.compress(_in_base64(b"[" * 400_000, 4)))
    yield Attack("64 KB of lz-string", b"Q" * 65_000, query="compression=lz64")
    yield Attack("4 000 parameters", b"{}", query="a=1&" * 4_000)
    yield Attack("a cookie of quotes", b"{}", headers={"Cookie": 'parley_session="' + '\\"' * 14_000})
    yield Attack("cookies", b"{}", headers={"Cookie": "a=1;" * 7_000})
    yield Attack("a long name of a host", b"{}", headers={"Origin": "https://" + "xn--a." * 4_000})


def _object(n_fields: int) -> bytes:
    return b"{" + b",".join(b'"%d":0' % number for number in range(n_fields)) + b"}"


def _merges(count: int) -> bytes:
    """Return events that hand a person with 20 000 properties on from one distinct id to the next."""
    first = b'{"event":"x","distinct_id":"d0","properties":{"$set":%b}},' % _object(20_000)
    merge = b'{"event":"$merge_dangerously","distinct_id":"d%d","properties":{"alias":"d%d"}},'
    made = b'{"event":"x","distinct_id":"d%d"},'
    return first + b"".join(made % n + merge % (n, n - 1) for n in range(1, count + 1))


def _in_base64(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = base64.b64encode(data)
    return data


async def measure_stalls(address: str, world: World) -> list[Stall]:
    """Send each kind of body to each route, one at a time, and ask for health all the while."""
    headers = {"X-Conversations-Token": world.widget_token}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=TIMEOUT_S) as client:
        return [await _measured(client, address, attack) for attack in attacks(world)]


async def _measured(client: httpx.AsyncClient, address: str, attack: Attack) -> Stall:
    longest, where, statuses = 0.0, "", set()
    for method, path in ROUTES:
        health = asyncio.create_task(_longest_wait(address))
        await asyncio.sleep(REST_S)
        with suppress(httpx.TransportError):  # a server may hang up on a body that it refuses
            answer = await client.request(
                method,
                f"{path}?{attack.query}",
                content=attack.body,
                headers={"Content-Type": attack.content_type, **attack.headers},
            )
            statuses.add(answer.status_code)
        await asyncio.sleep(REST_S)
        health.cancel()
        waited = await health
        if waited > longest:
            longest, where = waited, f"{method} {path}"
    return Stall(attack.title, len(attack.body), longest * 1000, where, sorted(statuses))


async def _longest_wait(address: str) -> float:
    """Ask for health over one connection until cancelled; return the longest wait for an answer in seconds."""
    host = urlsplit(address).netloc
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    longest, asked = 0.0, time.perf_counter()
    try:
        while True:
            asked = time.perf_counter()
            writer.write(f"GET /_health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            longest = max(longest, time.perf_counter() - asked)
            await asyncio.sleep(PAUSE_S)
            asked = time.perf_counter()
    except asyncio.CancelledError:
        return max(longest, time.perf_counter() - asked)
    finally:
        writer.close()
