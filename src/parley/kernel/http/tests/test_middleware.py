"""The common frame: what holds on every route, whichever feature it belongs to."""

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest
from structlog.testing import capture_logs

from parley.kernel.http.middleware import LOOK_EACH, Middleware
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.addresses import network_of
from parley.kernel.network.running_requests import MOST_OF_NETWORK

ENVELOPE = {"type", "code", "detail", "attr"}


async def test_both_prefixes_are_one_and_the_slash_is_optional(api, project):
    answers = [
        await api.get(f"/api/{prefix}/{project.id}/conversations/tickets{slash}")
        for prefix in ("projects", "environments")
        for slash in ("", "/")
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1


async def test_current_names_the_project_of_the_caller(api, project):
    answer = await api.get("/api/projects/@current/")
    assert (answer.status_code, answer.json()["id"]) == (200, project.id)


@pytest.mark.parametrize("id", ["999999999", "99999999999999999999", "abc", "-1", "1.5", "%00", "²"])
async def test_an_unknown_project_is_404(api, id):
    answer = await api.get(f"/api/projects/{id}/conversations/tickets/")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "Project not found."


async def test_a_project_of_others_is_403(mallory, project):
    answer = await mallory.client.get(project.tickets)
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "authentication_error",
        "code": "permission_denied",
        "detail": "You don't have access to the project.",
        "attr": None,
    }


async def test_an_unknown_path_is_404_in_the_envelope(api):
    answer = await api.get("/api/no/such/thing/")
    assert answer.status_code == 404
    assert answer.json() == {
        "type": "invalid_request",
        "code": "not_found",
        "detail": "Endpoint not found.",
        "attr": None,
    }


async def test_a_wrong_method_is_405_in_the_envelope(api, project):
    answer = await api.request("PURGE", project.tickets)
    assert answer.status_code == 405
    assert answer.json()["detail"] == 'Method "PURGE" not allowed.'


async def test_head_answers_like_get_without_a_body(api, project):
    got, head = await api.get(project.tickets), await api.head(project.tickets)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


async def test_options_tells_metadata_to_readers_only(cast, alice, project, anonymous):
    reader = await cast.make_key(alice, ["ticket:read"])
    stranger = await cast.make_key(alice, ["person:read"])
    answers = [await client.options(project.tickets) for client in (reader, stranger, anonymous)]
    assert [answer.status_code for answer in answers] == [200, 403, 401]
    assert "application/x-www-form-urlencoded" in answers[0].json()["parses"]
    assert "POST" in answers[0].headers["allow"]


async def test_browsers_of_any_origin_may_call_the_widget(anonymous):
    answer = await anonymous.options(
        "/api/conversations/v1/widget/message",
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-conversations-token",
        },
    )
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"]
    assert {"content-type", "x-conversations-token"} <= {name.strip() for name in allowed.split(",")}
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "code", "detail"),
    [
        ({}, "not_authenticated", "Authentication credentials were not provided."),
        (
            {"Authorization": "Basic abc"},
            "not_authenticated",
            "Authentication credentials were not provided.",
        ),
        *(
            (
                {"Authorization": f"Bearer{blank}{key}"},
                "authentication_failed",
                "Personal API key found in request Authorization header is invalid.",
            )
            for blank, key in ((" ", "phx_wrong"), ("   ", "x"), (" ", ""), (" ", "PHX_" + "a" * 5000))
        ),
    ],
)
async def test_missing_and_wrong_credentials_are_401(anonymous, project, headers, code, detail):
    answer = await anonymous.get(project.tickets, headers=headers)
    assert answer.status_code == 401
    assert (answer.json()["code"], answer.json()["detail"]) == (code, detail)
    assert "www-authenticate" in answer.headers


async def test_a_key_may_come_in_the_body_or_the_query(anonymous, alice, project):
    answers = [
        await anonymous.get(project.tickets, params={"personal_api_key": alice.key}),
        await anonymous.post(project.tickets, json={"personal_api_key": alice.key, "distinct_id": "v"}),
        await anonymous.post(project.tickets, data={"personal_api_key": alice.key, "distinct_id": "v"}),
        await anonymous.get(project.tickets, headers={"Authorization": f"Bearer    {alice.key}  "}),
    ]
    assert [answer.status_code for answer in answers] == [200, 201, 201, 200]


async def test_only_the_first_credentials_are_tried(anonymous, alice, project):
    answer = await anonymous.get(
        project.tickets, params={"personal_api_key": alice.key}, headers={"Authorization": "Bearer nonsense"}
    )
    assert answer.status_code == 401


async def test_scope_errors_come_before_body_errors(cast, alice, project):
    reader = await cast.make_key(alice, ["ticket:read"])
    answer = await reader.post(project.tickets, content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 403
    assert answer.json()["detail"] == "API key missing required scope 'ticket:write'"


async def test_keys_are_held_to_their_projects_and_organizations(cast, alice, project):
    async with cast.services.database.transaction() as db:
        other = await cast.make_project(db, alice.organization_id)
    one = await cast.make_key(alice, ["*"], projects=[project.id])
    elsewhere = await cast.make_key(alice, ["*"], organizations=[cast.mallory.organization_id])
    assert (await one.get(project.tickets)).status_code == 200
    refused = await one.get(other.tickets)
    assert (
        refused.json()["detail"] == f"API key does not have access to the requested project: ID {other.id}."
    )
    assert (await one.get("/api/organizations/")).status_code == 403
    assert (await elsewhere.get(project.tickets)).status_code == 403


async def test_a_body_that_is_too_large_is_413(api, project):
    answer = await api.post(
        project.tickets, content=b"x" * (9 * 1024 * 1024), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 413
    assert set(answer.json()) == ENVELOPE


async def test_next_and_previous_keep_the_prefix_and_the_query(api, project):
    for number in range(3):
        await api.post(project.tickets, json={"distinct_id": f"v{number}"})
    path = f"/api/environments/{project.id}/conversations/tickets/"
    first = (await api.get(path, params={"limit": 2, "status": "new"})).json()
    assert first["next"].startswith(f"http://parley.test{path}?")
    assert "status=new" in first["next"] and "offset=2" in first["next"]
    second = (await api.get(first["next"])).json()
    assert (len(second["results"]), second["next"], second["count"]) == (1, None, 3)
    back = (await api.get(second["previous"])).json()
    assert [row["id"] for row in back["results"]] == [row["id"] for row in first["results"]]


@pytest.mark.parametrize("value", ["0", "-1", "x", "", "1e3", "²", "9" * 40])
async def test_a_limit_or_offset_that_cannot_be_read_takes_its_default(api, project, value):
    answer = await api.get(project.tickets, params={"limit": value, "offset": value})
    assert answer.status_code == 200


async def test_health_readiness_and_metrics_are_open(anonymous):
    health, ready, metrics = [await anonymous.get(path) for path in ("/_health", "/_readyz", "/metrics")]
    assert health.json() == {"status": "ok"}
    assert (ready.status_code, ready.text) == (200, "database: ok\ncache: ok\nstorage: ok\n")
    assert 'parley_requests_total{method="GET",route="/_health",status="200"}' in metrics.text


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/_health?" + "x" * 40_000, {}, 414),
        ("/" + "x/" * 20_000, {}, 414),
        ("/e/?" + "a&" * 600, {}, 414),
        ("/login", {"Cookie": 'a="' + '\\"' * 20_000}, 431),
        ("/login", {"Referer": "http://" + "a." * 20_000}, 431),
        ("/_health?" + "x" * 20_000, {"Cookie": "a=1; " * 3000}, 200),
        ("/_health?" + "a&" * 400, {}, 200),
    ],
)
async def test_targets_and_headers_that_no_route_needs_are_refused_unread(anonymous, target, headers, status):
    answer = await anonymous.get(target, headers=headers)
    assert answer.status_code == status
    assert status == 200 or set(answer.json()) == ENVELOPE


def test_cookies_are_read_as_they_were_sent():
    def cookies(header: str) -> dict[str, str]:
        scope: Any = {"type": "http", "headers": [(b"cookie", header.encode("latin-1"))]}
        return ParleyRequest(scope).cookies

    assert cookies("a=1; b = 2 ;c=x=y; d") == {"a": "1", "b": "2", "c": "x=y", "d": ""}
    quoted = '"' + '\\"' * 16_000 + '"'  # the framework needs half a minute for it
    assert cookies(f"a={quoted}") == {"a": quoted}


GET: dict[str, Any] = {
    "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "client": None
}  # fmt: skip


async def client_seen(trusted: str, peer: str, *forwarded: str) -> str:
    """Return what the application takes for the client's address."""
    seen: list[str] = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope = {**GET, "headers": headers, "client": (peer, 1)}
    networks = [ip_network(one) for one in trusted.split(",") if one]
    await Middleware(app, networks)(scope, None, None)  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("", "192.0.2.1", [], "192.0.2.1"),
        ("", "::ffff:192.0.2.1", [], "192.0.2.1"),
        ("", "::FFFF:C000:201", [], "192.0.2.1"),
        ("", "2001:DB8:0:0::1", [], "2001:db8::1"),
        ("", "192.0.2.1", ["203.0.113.5"], "192.0.2.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", ["1.1.1.1, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", ["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", ["1.1.1.1", "203.0.113.5", "10.0.0.2"], "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", ["::ffff:203.0.113.5"], "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", ["203.0.113.5:41000"], "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", ["[2001:db8::5]:41000"], "2001:db8::5"),
        ("10.0.0.0/8", "10.0.0.1", ["203.0.113.5, ::ffff:10.0.0.2"], "203.0.113.5"),
        ("10.0.0.0/8", "10.0.0.1", ["unknown"], "unknown"),
        ("10.0.0.0/8", "10.0.0.1", [""], "10.0.0.1"),
    ],
)
async def test_the_client_has_one_spelling_and_is_named_by_trusted_proxies_only(
    trusted, peer, forwarded, client
):
    assert await client_seen(trusted, peer, *forwarded) == client


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_client_has_an_ipv4_address_or_a_network_of_64_bits(address, network):
    assert network_of(address) == network


async def test_what_is_to_be_done_at_the_end_is_done_however_it_ends():
    done = []

    async def at_end(status):
        done.append(status)

    async def app(scope, receive, send):
        ParleyRequest(scope).at_end(at_end)
        if scope["path"] == "/fails":
            raise ValueError("broken")
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def send(_):
        pass

    await Middleware(app)({**GET}, None, send)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="broken"):
        await Middleware(app)({**GET, "path": "/fails"}, None, send)  # type: ignore[arg-type]
    assert done == [204, 0]


async def test_a_proxy_that_nobody_has_named_is_told_of_once():
    async def app(scope, receive, send):
        pass

    frame = Middleware(app)  # type: ignore[arg-type]
    with capture_logs() as logged:
        forwarded = [[(b"x-forwarded-for", f"203.0.113.{n % 200}".encode())] for n in range(3 * LOOK_EACH)]
        for headers in ([], *forwarded):
            scope = {**GET, "headers": headers, "client": ("10.0.0.1", 1)}
            await frame(scope, None, None)  # type: ignore[arg-type]
    assert [one["event"] for one in logged] == ["unknown_proxy"]
    assert "PARLEY_TRUSTED_PROXIES" in logged[0]["cure"]


class SlowApplication:
    """Begins each answer when the test says so, and ends it when the test says so."""

    def __init__(self):
        self.n_asked, self.may_begin, self.may_end = 0, asyncio.Event(), asyncio.Event()

    async def __call__(self, scope, receive, send):
        self.n_asked += 1
        await self.may_begin.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.may_end.wait()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Answers:
    """Requests to a slow application from any address."""

    def __init__(self):
        self.app = SlowApplication()
        self.entrance = Middleware(self.app)  # type: ignore[arg-type]
        self.waiting: list[asyncio.Task[Any]] = []

    async def ask(self, address: str, many: int = 1, path: str = "/") -> None:
        """Ask, and wait until all are being answered."""
        wanted = self.app.n_asked + many
        asked = [asyncio.create_task(self.answered(address, path)) for _ in range(many)]
        self.waiting += asked
        while self.app.n_asked < wanted:
            assert not any(one.done() for one in asked)
            await asyncio.sleep(0)

    async def answered(self, address: str, path: str = "/") -> tuple[int, dict[bytes, bytes]]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        receive: Any = asyncio.Event().wait
        await self.entrance({**scope, "client": (address, 1), "state": {}}, receive, send)
        return sent[0]["status"], dict(sent[0]["headers"])


@pytest.fixture
async def answers():
    made = Answers()
    yield made
    made.app.may_begin.set()
    made.app.may_end.set()
    await asyncio.gather(*made.waiting, return_exceptions=True)


@pytest.mark.parametrize("neighbour", ["2001:db8::1", "2001:db8::2"])
async def test_a_network_that_has_too_many_requests_at_once_keeps_nobody_else_waiting(answers, neighbour):
    await answers.ask("2001:db8::1", MOST_OF_NETWORK)
    status, headers = await answers.answered(neighbour)
    assert (status, headers[b"retry-after"]) == (503, b"1")
    await answers.ask("192.0.2.1")
    # Who hangs up makes room, when what was begun for them has ended.
    answers.waiting[0].cancel()
    await asyncio.wait(answers.waiting[:1])
    await answers.ask(neighbour)


@pytest.mark.parametrize("path", ["/_health", "/_readyz"])
async def test_a_check_of_health_is_answered_whatever_its_network_has_under_way(answers, path):
    """Behind a balancer that adds no header, all visitors have the address of its checks."""
    await answers.ask("192.0.2.1", MOST_OF_NETWORK)
    await answers.ask("192.0.2.1", 2, path)
    assert (await answers.answered("192.0.2.1"))[0] == 503
    answers.app.may_begin.set()
    answers.app.may_end.set()
    assert [(await one)[0] for one in answers.waiting[-2:]] == [200, 200]


async def test_answers_that_are_sent_for_long_count_no_more(answers):
    await answers.ask("192.0.2.1", MOST_OF_NETWORK)
    answers.app.may_begin.set()
    await answers.ask("192.0.2.1", 2)
