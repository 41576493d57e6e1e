"""Malformed, oversized and hostile requests to every route that writes: a clear 4xx, and nothing of our insides.

Each field meets the values of its own type and some others, by turns; `--hypothesis-profile=thorough` has it meet them all.
"""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import httpx
import pytest
import pytest_asyncio

from parley.kernel.http.middleware import Middleware
from parley.kernel.openapi.documented import PAGING
from tests.cast import Cast
from tests.effort import is_thorough
from tests.openapi_world import DOCUMENT, FREELY_NAMED, PARAMETER, World, build, filled, good_request

INSIDES = re.compile(
    r"Traceback|File \"|sqlalchemy|asyncpg|aiosqlite|sqlite3|litestar|msgspec|SELECT |INSERT |UPDATE |\$argon2|phx_|phs_",
    re.IGNORECASE,
)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ENVELOPE = {"type", "code", "detail", "attr"}

MALFORMED = {
    "no JSON": (JSON, b"{not json"),
    "half of an object": (JSON, b'{"a": '),
    "a lone surrogate": (JSON, b'{"name": "\\ud800", "message": "\\ud800", "event": "\\ud800"}'),
    "bad UTF-8": (JSON, b'{"name": "\xff\xfe", "message": "\xff"}'),
    "a list": (JSON, b"[1, 2]"),
    "a text": (JSON, b'"text"'),
    "a number that is none": (JSON, b'{"name": NaN}'),
    "a deep list": (JSON, b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "a deep object": (JSON, b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "two documents": (JSON, b"{} {}"),
    "UTF-16": ("application/json; charset=utf-16", '{"name": "x"}'.encode("utf-16")),
    "bad UTF-8 in a form": (FORM, b"name=%ff%fe&message=%c3%28"),
    "raw bytes in a form": (FORM, b"name=\xff\xfe\x00"),
    "too many fields": (FORM, b"&".join(b"f%d=1" % n for n in range(5000))),
    "multipart without a boundary": ("multipart/form-data", b"--x\r\n\r\n--x--"),
    "multipart cut short": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a',
    ),
    "another kind": ("application/xml", b"<name>x</name>"),
    "a kind that is none": ("\x01;;;=", b"{}x"),
    "gzip": (JSON, b"\x1f\x8b\x08\x00garbage"),
}
LARGE = {  # what costs something to read
    "a wide list": (JSON, b"[" + b"[]," * 300_000 + b"0]"),
    "a wide object": (JSON, b'{"a": [' + b'{"":0},' * 80_000 + b"0]}"),
    "gzip members": (JSON, gzip.compress(gzip.compress(b"") * 200_000)),
    "a gzip bomb": (JSON, gzip.compress(b"[" + b"[]," * 7_000_000)),
    "a form of escapes": (FORM, b"data=" + b"%41" * 300_000),
    "a form of parts": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 20_000,
    ),
    "10 MB": (JSON, b'{"name": "' + b"a" * 10_000_000 + b'"}'),
    "10 MB of form": (FORM, b"name=" + b"a" * 10_000_000),
}
HOSTILE_VALUES: list[Any] = [
    "\x00",
    "a\x00b",
    {"\x00": "\x00"},
    "' OR 1=1; DROP TABLE ticket; --",
    "{{7*7}}${7*7}<script>alert(1)</script>",
    "x" * 200_000,
    "\u202e\ufeff\U0010ffff",
    -1,
    10**30,
    1e308,
    [[]] * 1000,
    {"a": {"b": {"c": ["\x00"]}}},
    True,
    None,
    "",
]
HOSTILE_NAMES = [
    "%00", "%ff%fe", "%ed%a0%80", "..%2f..%2fetc%2fpasswd", "x" * 8000, "%27%20OR%201%3D1--", "-1", "9" * 40,
    "%F0%9F%98%80", "%0d%0aSet-Cookie:%20a=b",
]  # fmt: skip


@pytest_asyncio.fixture
async def world(cast: Cast) -> World:
    return await build(cast, cast.alice)


def writes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and description of every operation with a body."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                yield path, method.upper(), operation


def check_is_clean(answer: httpx.Response, what: Any) -> None:
    """Fail when the answer is an error of ours, has the wrong shape, or shows our insides."""
    assert answer.status_code < 500, (what, answer.text)
    if answer.status_code >= 400:
        assert not INSIDES.search(answer.text), (what, answer.text)
        if answer.headers["content-type"].startswith("application/json"):
            body = answer.json()
            shapes = (ENVELOPE, {"error"}, {"error", "details"}, {"detail", "error_type"})
            assert set(body) in shapes, (what, body)
            assert len(answer.text) < 2000, (what, len(answer.text))
        else:
            assert answer.headers["content-type"].startswith("text/plain"), what
            assert len(answer.text) < 300, what


def url_of(path: str, operation: dict[str, Any], world: World) -> str:
    named = good_request(operation["operationId"], path, world)["path_parameters"]
    return filled(path, named)


async def check_is_refused(world: World, place: Any, bodies: dict[str, tuple[str, bytes]]) -> None:
    path, method, operation = place
    client, url = world.client_for(operation["security"]), url_of(path, operation, world)
    for name, (kind, raw) in bodies.items():
        answer = await client.request(method, url, content=raw, headers={"content-type": kind})
        what = (name, operation["operationId"])
        assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text)
        check_is_clean(answer, what)


# Bodies are read before a database is asked.
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True, scope="session")
async def test_a_malformed_body_is_refused_everywhere(world):
    for place in writes():
        await check_is_refused(world, place, MALFORMED)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True, scope="session")
async def test_a_large_body_is_refused_by_every_reader(world):
    readers: dict[Any, Any] = {}
    for path, method, operation in writes():
        kinds = tuple(operation["requestBody"]["content"])
        limit = LARGER.get(path) or UPLOADS.get(path) or (path if is_thorough() else 0)
        readers[str(operation["security"]), kinds, limit] = (path, method, operation)
    assert len(readers) >= len(LARGER)
    for place in readers.values():
        await check_is_refused(world, place, LARGE)


LARGER = {  # what anybody may send more of, and why it is needed
    "/batch": 2 * 1024 * 1024,
    "/capture": 2 * 1024 * 1024,
    "/track": 2 * 1024 * 1024,
    "/e": 2 * 1024 * 1024,
    "/i/v0/e": 2 * 1024 * 1024,
    "/engage": 2 * 1024 * 1024,
    # Batches of recorders; eight of more than a megabyte are in memory at once, and two are unpacked.
    "/s": 4 * 1024 * 1024,
    "/ses": 4 * 1024 * 1024,
    "/api/conversations/v1/widget/message": 256 * 1024,
    "/api/conversations/v1/widget/messages/{ticket_id:str}/read": 256 * 1024,
    "/api/conversations/external/ticket/{ticket_id:str}": 256 * 1024,
    # An answer of an identity provider with many groups; it is parsed only for a domain that has SAML.
    "/complete/saml": 256 * 1024,
    # Nothing is read without a key for signatures, and then at most eight are on the disk at once.
    "/api/conversations/v1/email/inbound": 45 * 1024 * 1024,
    # Slack signs the whole body; at most 64 are in memory at once.
    "/api/conversations/v1/slack/events": 512 * 1024,
}
UPLOADS = {  # what known callers may send more of
    "/inbox/{number:int}/messages": 100 * 1024 * 1024,
    "/inbox/{number:int}/suggestion": 100 * 1024 * 1024,
    "/inbox/{number:int}/quick-actions": 100 * 1024 * 1024,
    "/inbox/{number:int}/held/{held_id:str}/undo": 100 * 1024 * 1024,
    "/compose": 100 * 1024 * 1024,
    "/api/projects/{project_id:str}/conversations/files": 26 * 1024 * 1024,
    "/api/projects/{project_id:str}/conversations/files/uploads/{file_id:str}/content": 26 * 1024 * 1024,
}


def test_every_route_takes_little_unless_it_needs_more(app):
    found = 0
    for route in app.app.routes:
        for handler, _ in getattr(route, "route_handler_map", {}).values():
            admitted = {getattr(guard, "admits", None) for guard in handler.guards or ()}
            if handler.http_methods & {"POST", "PUT", "PATCH", "DELETE"}:
                is_open = not admitted.isdisjoint({"public", "public page"})
                allowed = (
                    LARGER.get(route.path, 64 * 1024) if is_open else UPLOADS.get(route.path, 1024 * 1024)
                )
                assert handler.resolve_request_max_body_size() <= allowed, route.path
                found += is_open
    assert found >= len(LARGER) + 8


@pytest.mark.parametrize("kind", [JSON, FORM, "multipart/form-data; boundary=x"])
async def test_what_anybody_sends_is_refused_by_its_size_before_it_is_read(kind, world):
    for path, method, operation in writes():
        if operation["security"] in ([], [{}]) and path not in LARGER:
            answer = await world.client_for(operation["security"]).request(
                method,
                url_of(path, operation, world),
                content=b"\x00" * (64 * 1024 + 1),
                headers={"content-type": kind},
            )
            assert answer.status_code == 413, (operation["operationId"], answer.text)


TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def types_of(schema: dict[str, Any]) -> set[type]:
    """Return the types of Python that a field may have; one that names another schema is an object."""
    if "anyOf" in schema:
        return set().union(*map(types_of, schema["anyOf"]))
    if "enum" in schema:
        return set()
    named = schema.get("type", "object" if "$ref" in schema else list(TYPES))
    return {known for one in ([named] if isinstance(named, str) else named) for known in TYPES[one]}


def by_turns(values: Sequence[Any], turn: int, n: int) -> Sequence[Any]:
    """Return as many of the values, from the one on for which it is the turn."""
    at = turn * n % len(values)
    return values if is_thorough() else [*values, *values][at : at + n]


def values_for(schema: dict[str, Any], turn: int) -> Sequence[Any]:
    """Return the hostile values of a field's own type, and one other, for which it is the turn."""
    if is_thorough():
        return HOSTILE_VALUES
    own = types_of(schema)
    others = [value for value in HOSTILE_VALUES if type(value) not in own]
    return [value for value in HOSTILE_VALUES if type(value) in own] + list(
        by_turns(others, turn, 1) if others else []
    )


def test_a_field_meets_the_values_of_its_type_and_one_other():
    found = [values_for({"anyOf": [{"type": "string"}, {"type": "null"}]}, turn) for turn in range(8)]
    assert all("\x00" in values and None in values and len(values) == 9 for values in found)
    assert len({repr(values[-1]) for values in found}) == 7
    assert values_for({}, 3) == HOSTILE_VALUES
    assert [values_for({"enum": ["a"]}, turn) for turn in range(15)] == [[value] for value in HOSTILE_VALUES]


async def test_hostile_values_break_nothing(world):
    turns = count()
    for path, method, operation in writes():
        schema = next(iter(operation["requestBody"]["content"].values()))["schema"]
        component = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
        good = good_request(operation["operationId"], path, world)
        client, url = world.client_for(operation["security"]), url_of(path, operation, world)
        fields = component.get("properties") or {name: {} for name in good["body"]}
        for field, described in fields.items():
            for value in values_for(described, next(turns)):
                answer = await client.request(method, url, json={**good["body"], field: value})
                check_is_clean(answer, (operation["operationId"], field, repr(value)[:50]))
    assert next(turns) > 400


FORM_VALUES = ["\x00", '{"a": "\\u0000"}', "[" * 5000, "\u202e", "[1", '{"a": 1e999}']


async def test_hostile_values_in_forms_break_nothing(world):
    turns = count()
    for path, method, operation in writes():
        good = good_request(operation["operationId"], path, world)
        client, url = world.client_for(operation["security"]), url_of(path, operation, world)
        texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in good["body"].items()}
        for field in list(texts) or ["name"]:
            for value in by_turns(FORM_VALUES, next(turns), 2):
                answer = await client.request(method, url, data={**texts, field: value})
                check_is_clean(answer, (operation["operationId"], field, value[:50]))


def named_in_paths() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield path, method, description and name for every parameter of a path."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            for parameter in PARAMETER.findall(path):
                yield path, method.upper(), operation, parameter


async def test_hostile_names_in_paths_are_not_found(world):
    for turn, (path, method, operation, parameter) in enumerate(named_in_paths()):
        client = world.client_for(operation["security"])
        good = good_request(operation["operationId"], path, world)
        body = good["body"] if "requestBody" in operation else None
        is_free = path.startswith("/array/") or (path, parameter) in FREELY_NAMED
        for name in by_turns(HOSTILE_NAMES, turn, 3):
            url = filled(path, {**good["path_parameters"], parameter: name})
            answer = await client.request(method, url, json=body)
            what = (operation["operationId"], parameter, name[:20])
            assert 400 <= answer.status_code < 500 or is_free, (what, answer.text)
            check_is_clean(answer, what)
            assert "a" not in answer.cookies


def queries() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield path, method, description and name for every parameter of a query; those of paging, read in one place, once."""
    tried: set[str] = set()
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            for one in operation.get("parameters", []):
                if one["in"] == "query" and one["name"] not in tried:
                    tried |= {one["name"]} & {query.name for query in PAGING}
                    yield path, method.upper(), operation, one["name"]


async def test_hostile_queries_break_nothing(world):
    for turn, (path, method, operation, name) in enumerate(queries()):
        good = good_request(operation["operationId"], path, world)
        kept = "".join(f"&{other}={value}" for other, value in good["query"].items() if other != name)
        client, url = world.client_for(operation["security"]), url_of(path, operation, world)
        for value in by_turns(HOSTILE_NAMES, turn, 3):
            answer = await client.request(method, f"{url}?{name}={value}{kept}")
            check_is_clean(answer, (operation["operationId"], name, value[:40]))


async def test_a_body_that_ends_early_is_refused_everywhere(app, world):
    for path, method, operation in writes():
        kind = JSON if JSON in operation["requestBody"]["content"] else "multipart/form-data; boundary=x"
        request = world.client_for(operation["security"]).build_request(
            method, url_of(path, operation, world), headers={"content-type": kind}
        )
        status = await status_of_half(app, request)
        # The webhook of mail reads nothing here, as there is no key for signatures.
        assert path == "/api/conversations/v1/email/inbound" or status == 400, operation["operationId"]


async def status_of_half(app: Middleware, request: httpx.Request) -> int:
    """Send half a body to the application, then hang up; return what it would have answered."""
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("parley.test", 80),
    }
    events = [{"type": "http.request", "body": b'{"a', "more_body": True}]
    answers: list[Any] = []

    async def receive() -> Any:
        return events.pop(0) if events else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answers.append(message)

    await app(scope, receive, send)
    status: int = answers[0]["status"]
    return status
