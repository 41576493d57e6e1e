"""`python -m benchmarks.trials.middleware`: `Middleware` beside what Litestar and Granian have for the same purposes."""

import asyncio
from ipaddress import ip_network
from typing import Any

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from litestar import Litestar, Response, get
from litestar.config.cors import CORSConfig
from litestar.plugins.prometheus import PrometheusConfig
from prometheus_client import REGISTRY

from benchmarks.trials import Call, compare
from parley.kernel.http.middleware import Middleware

NETWORK = "10.0.0.0/8"


@get("/api/thing", sync_to_thread=False)
def show_thing() -> Response[bytes]:
    """Answer a constant, so that what is around it is all the work."""
    return Response(b"{}", media_type="application/json")


def bare(**options: Any) -> Litestar:
    return Litestar([show_thing], openapi_config=None, **options)


def theirs() -> Any:
    return wrap_asgi_with_proxy_headers(
        bare(
            cors_config=CORSConfig(allow_origins=["*"]),
            middleware=[PrometheusConfig(group_path=True).middleware],
        ),
        [NETWORK],
    )


class Asked:
    """One request and what was answered."""

    def __init__(self, method: str = "GET", path: str = "/api/thing", **headers: str) -> None:
        pairs = {"host": "parley.test", "user-agent": "x", **headers}
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "server": ("parley.test", 80),
            "client": ("10.0.0.1", 1),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in pairs.items()],
        }
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def receive(self) -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.body += message.get("body", b"")

    async def ask(self, app: Any) -> "Asked":
        await app(self.scope, self.receive, self.send)
        return self


async def what_is_kept(name: str, app: Any) -> str:
    """Say what the program promises for every request, and which of it holds."""
    head = await Asked("HEAD").ask(app)
    preflight = await Asked(
        "OPTIONS", "/e", origin="https://a.test", access_control_request_method="POST"
    ).ask(app)
    long = await Asked(path="/api/" + "x" * 40_000).ask(app)
    counted = n_counted()
    unknown = await Asked(path="/api/unknown", origin="https://a.test").ask(app)
    return (
        f"{name}: HEAD {head.status}, preflight of a path without a route {preflight.status}, 40 kB of path {long.status},"
        f" 404 that other origins may read: {b'access-control-allow-origin' in unknown.headers},"
        f" that is counted: {n_counted() > counted}"
    )


def n_counted() -> float:
    """Return how many requests the metrics have counted."""
    samples = [sample for metric in REGISTRY.collect() for sample in metric.samples]
    return sum(sample.value for sample in samples if sample.name.endswith("requests_total"))


async def main() -> None:
    apps = {"bare Litestar": bare(), "ours": Middleware(bare(), [ip_network(NETWORK)]), "theirs": theirs()}
    calls: dict[str, Call] = {
        name: lambda app=app: Asked(origin="https://a.test", x_forwarded_for="1.2.3.4").ask(app)  # type: ignore[misc]
        for name, app in apps.items()
    }
    await compare(calls)
    for name, app in apps.items():
        print(await what_is_kept(name, app))


if __name__ == "__main__":
    asyncio.run(main())
