"""What the widget's API refuses, in which order and in which words."""

import json
from uuid import uuid4

import httpx
import msgspec
import pytest

from parley.conversations.widget.tests.visitor import PREFIX, Browser
from parley.kernel.config.settings import Settings
from parley.main import create_app
from tests.cast import Cast, TestProject
from tests.servers import free_port

INVALID = "Invalid request data"


async def project_with(cast: Cast, **settings) -> TestProject:
    async with cast.services.database.transaction() as db:
        return await cast.make_project(db, cast.project.organization_id, **settings)


async def test_without_a_token_nothing_is_answered(browser: Browser):
    for token in ({}, {"X-Conversations-Token": ""}, {"X-Conversations-Token": "   "}):
        browser.headers = token
        for answer in (await browser.send(), await browser.thread(str(uuid4())), await browser.tickets()):
            assert (answer.status_code, answer.json()) == (403, {"error": "Authentication required"})


async def test_a_wrong_token_is_refused_in_the_envelope(browser: Browser, project: TestProject):
    secrets = (project.api_token, project.secret_api_token, "x" * 5000, "'; DROP TABLE ticket; --", "é")
    for token in (project.widget_token.swapcase(), project.widget_token[:-1], *secrets):
        browser.headers = {"X-Conversations-Token": token.encode()}  # type: ignore[dict-item]
        answer = await browser.send()
        assert answer.status_code == 403, token
        assert answer.json() == {
            "type": "authentication_error",
            "code": "permission_denied",
            "detail": "Invalid token or conversations not enabled",
            "attr": None,
        }


async def test_a_project_with_conversations_off_is_refused_like_an_unknown_one(
    browser: Browser, api, project: TestProject
):
    answer = await api.patch(f"/api/projects/{project.id}/", json={"conversations_enabled": False})
    assert answer.status_code == 200
    answer = await browser.send()
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


async def test_the_token_comes_before_everything_else(browser: Browser):
    browser.headers = {}
    answer = await browser.client.post(f"{PREFIX}/message", content=b"{not json", headers={"Origin": "null"})
    assert (answer.status_code, answer.json()) == (403, {"error": "Authentication required"})


async def test_the_honeypot_comes_before_origin_and_fields(cast: Cast, anonymous):
    browser = Browser(anonymous, await project_with(cast, widget_domains=["example.com"]))
    for bait in ("x", 1, True, ["x"]):
        answer = await browser.send("", _hp=bait)
        assert (answer.status_code, answer.json()) == (400, {"error": "Invalid request"})


async def test_the_origin_comes_before_the_fields(cast: Cast, anonymous):
    browser = Browser(anonymous, await project_with(cast, widget_domains=["*.example.com"]))
    for origin in (
        {},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Referer": "https://evil.test/"},
    ):
        browser.headers |= {"Origin": "", "Referer": ""} | origin
        answer = await browser.send("")
        assert (answer.status_code, answer.json()) == (403, {"error": "Origin not allowed"})
    browser.headers |= {"Origin": "https://Shop.Example.com:8443", "Referer": ""}
    assert (await browser.send("")).status_code == 400
    ticket_id = await browser.opened()
    browser.headers |= {"Origin": "https://evil.test"}
    assert await browser.texts(ticket_id) == ["Hello?"]  # reading needs no origin


async def test_the_fields_come_before_the_ticket_and_the_identity(browser: Browser):
    answer = await browser.send("", ticket_id=str(uuid4()), identity_distinct_id="a", identity_hash="0" * 64)
    assert (answer.status_code, answer.json()["details"]) == (
        400,
        {"message": ["Message content is required"]},
    )


@pytest.mark.parametrize("value", ["", "   ", "\n\t", None])
async def test_a_message_needs_words(browser: Browser, value):
    answer = await browser.send(value)
    assert answer.status_code == 400
    assert answer.json() == {"error": INVALID, "details": {"message": ["Message content is required"]}}


async def test_a_message_has_at_most_ten_thousand_characters(browser: Browser):
    assert (await browser.send("é" * 10_000)).status_code == 200
    answer = await browser.send("x" * 10_001)
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["message"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message", ["x"]),
        ("message", {"a": 1}),
        ("message", True),
        ("distinct_id", ""),
        ("distinct_id", None),
        ("distinct_id", "x" * 401),
        ("distinct_id", {}),
        ("traits", None),
        ("traits", []),
        ("traits", "{}"),
        ("session_context", None),
        ("session_context", 5),
        ("session_id", "x" * 65),
        ("session_id", []),
        ("widget_session_id", "not-a-uuid"),
        ("widget_session_id", 5),
        ("widget_session_id", []),
        ("widget_session_id", "{0196f3a0-0000-7000-8000-000000000001}"),
        ("identity_distinct_id", "x" * 401),
        ("identity_hash", "abc"),
        ("identity_hash", "g" * 64),
        ("identity_hash", 5),
    ],
)
async def test_a_wrong_field_is_named(browser: Browser, field: str, value):
    answer = await browser.send(**{"message": "Hello?", field: value})
    assert answer.status_code == 400
    assert answer.json()["error"] == INVALID
    assert list(answer.json()["details"]) == [field]
    assert await browser.ticket_ids() == []


async def test_every_wrong_field_is_named_at_once(browser: Browser):
    answer = await browser.send("", traits=None, session_id="x" * 65)
    assert set(answer.json()["details"]) == {"message", "traits", "session_id"}


@pytest.mark.parametrize("value", ["x", "", 5, [], {}, "' OR 1=1 --", "a\x00b"])
async def test_a_ticket_id_that_is_no_uuid_has_words_of_its_own(browser: Browser, value):
    answer = await browser.send(ticket_id=value)
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid ticket_id format"})


@pytest.mark.parametrize("path", ["x", "5", "%00", "..%2f", "ticket%20id"])
async def test_a_ticket_id_in_the_path_must_be_a_uuid(browser: Browser, path: str):
    for answer in (await browser.thread(path), await browser.read(path)):
        assert answer.status_code in (400, 404)
    answer = await browser.thread("nope")
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid ticket_id format"})


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "x"},
        {"limit": "-1"},
        {"limit": "²"},
        {"limit": "1_0"},
        {"limit": "9" * 30},
        {"widget_session_id": "x"},
        {"identity_hash": "z"},
    ],
)
async def test_wrong_query_parameters_are_refused(browser: Browser, query: dict[str, str]):
    ticket_id = await browser.opened()
    for answer in (await browser.thread(ticket_id, **query), await browser.tickets(**query)):
        assert (answer.status_code, answer.json()["error"]) == (400, INVALID)
        assert list(answer.json()["details"]) == list(query)


@pytest.mark.parametrize(
    "after", ["x", "", "2026", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"]
)
async def test_an_instant_that_is_none_is_refused(browser: Browser, after: str):
    ticket_id = await browser.opened()
    answer = await browser.thread(ticket_id, after=after)
    assert (answer.status_code, list(answer.json()["details"])) == (400, ["after"])


@pytest.mark.parametrize(
    "query", [{"status": "closed"}, {"status": "New"}, {"offset": "-1"}, {"offset": "9" * 12}]
)
async def test_wrong_filters_of_the_list_are_refused(browser: Browser, query: dict[str, str]):
    answer = await browser.tickets(**query)
    assert (answer.status_code, list(answer.json()["details"])) == (400, list(query))


async def test_a_request_must_say_who_sends_it(browser: Browser):
    ticket_id = await browser.opened()
    for credentials in (
        {},
        {"identity_distinct_id": "ada"},
        {"identity_hash": "0" * 64},
        {"widget_session_id": None},
    ):
        browser.credentials = credentials  # type: ignore[assignment]
        for answer in (await browser.send(), await browser.read(ticket_id)):
            assert (answer.status_code, answer.json()["error"]) == (400, INVALID)
    browser.credentials = {}
    assert (await browser.thread(ticket_id)).status_code == 400
    assert (await browser.tickets()).status_code == 400


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b'{"message": "\xff"}', "application/json", 400),
        (b'{"message": "\\ud800"}', "application/json", 400),
        (b'{"message": ' + b"[" * 5000 + b"]" * 5000 + b"}", "application/json", 400),
        (b'{"traits": ' + b'{"a":' * 100 + b"1" + b"}" * 101, "application/json", 400),
        (b"message=%ff", "application/x-www-form-urlencoded", 400),
        (b"<xml/>", "application/xml", 415),
        (b'{"message": "' + b"x" * 10_000_000 + b'"}', "application/json", 413),
    ],
)
async def test_a_body_that_cannot_be_read_is_an_error_of_the_family(
    browser: Browser, content: bytes, content_type: str, status: int
):
    headers = {**browser.headers, "Content-Type": content_type}
    answer = await browser.client.post(f"{PREFIX}/message", content=content, headers=headers)
    assert answer.status_code == status
    assert set(answer.json()) <= {"error", "details"}


async def test_forms_are_read_like_json(browser: Browser):
    body = {"message": "From a form", "distinct_id": "ada", **browser.credentials}
    parts = {name: (None, value) for name, value in body.items()}
    for form in ({"data": body}, {"files": parts}):
        answer = await browser.client.post(f"{PREFIX}/message", headers=browser.headers, **form)
        assert answer.status_code == 200, form
        assert await browser.texts(answer.json()["ticket_id"]) == ["From a form"]


async def test_what_a_script_attached_never_blocks_a_customer(browser: Browser, api, project: TestProject):
    ticket_id = await browser.opened(
        traits={"a\x00b": "c\x00d", "deep": {"x": [1]}, "k" * 300: "v", "long": "v" * 600, "big": 10**40},
        session_context={"u\x00": "v\x00w", "big": 10**40, "small": 1e-300, "list": [1]},
    )
    ticket = (await api.get(f"{project.tickets}{ticket_id}/")).json()
    assert ticket["anonymous_traits"] == {"ab": "cd", "long": "v" * 500, "big": str(10**40)}
    assert ticket["session_context"] == {"u": "vw", "big": 10**40, "small": 1e-300}


@pytest.mark.parametrize("field", ["message", "distinct_id", "session_id"])
@pytest.mark.parametrize(
    ("spelled", "stored"),
    [
        (r"Hi \ud83d", "Hi \ufffd"),
        (r"\ude00Hi", "\ufffdHi"),
        (r"H\u0000i", "H\x00i"),
        ("H\x00i", "H\x00i"),
        (r"\ud83d\ude00", "😀"),
    ],
)
async def test_text_that_no_database_stores_is_repaired_rather_than_lost(
    browser: Browser, api, project: TestProject, field: str, spelled: str, stored: str
):
    # A distinct id is never the same as another one, so it keeps a place for what it loses, as in capture.
    stored = stored.replace("\x00", "\ufffd" if field == "distinct_id" else "")
    body = {"message": "Hello?", "distinct_id": "ada", "session_id": "s", **browser.credentials, field: "@@"}
    content = json.dumps(body).replace("@@", spelled).encode()
    answer = await browser.client.post(f"{PREFIX}/message", content=content, headers=browser.headers)
    assert answer.status_code == 200, answer.text
    ticket_id = answer.json()["ticket_id"]
    assert await browser.texts(ticket_id) == [stored if field == "message" else "Hello?"]
    ticket = (await api.get(f"{project.tickets}{ticket_id}/")).json()
    assert field == "message" or ticket[field] == stored


async def test_what_scripts_attach_is_repaired_whatever_it_is(browser: Browser, api, project: TestProject):
    values = rb'{"a": 1e400, "b": NaN, "c": -Infinity, "d": "\ud83d", "e\ud83d": "\u0000x", "f": 5}'
    content = b'{"message": "Hello?", "distinct_id": "ada", "traits": %b, "session_context": %b, %b}' % (
        values,
        values,
        json.dumps(browser.credentials)[1:-1].encode(),
    )
    answer = await browser.client.post(f"{PREFIX}/message", content=content, headers=browser.headers)
    assert answer.status_code == 200, answer.text
    ticket = (await api.get(f"{project.tickets}{answer.json()['ticket_id']}/")).json()
    nothing = {"a": None, "b": None, "c": None}
    assert ticket["anonymous_traits"] == {**nothing, "d": "\ufffd", "e\ufffd": "x", "f": "5"}
    assert ticket["session_context"] == {**nothing, "d": "\ufffd", "e\ufffd": "x", "f": 5}


async def test_forms_are_repaired_like_json(browser: Browser):
    session = browser.credentials["widget_session_id"]
    form = f"message=H%00i%ff&distinct_id=a%00b&widget_session_id={session}"
    headers = {**browser.headers, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.client.post(f"{PREFIX}/message", content=form, headers=headers)
    assert answer.status_code == 200, answer.text
    assert await browser.texts(answer.json()["ticket_id"]) == ["Hi\ufffd"]


async def test_unknown_fields_are_ignored(browser: Browser):
    assert (await browser.send(anything={"nested": [1]}, status="resolved", _hp="")).status_code == 200


async def test_wrong_methods_are_refused(browser: Browser):
    assert (await browser.client.put(f"{PREFIX}/message", headers=browser.headers)).status_code == 405
    assert (await browser.client.delete(f"{PREFIX}/tickets", headers=browser.headers)).status_code == 405


async def test_a_browser_on_any_site_may_ask(browser: Browser):
    preflight = {
        "Origin": "https://shop.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-conversations-token",
    }
    answer = await browser.client.options(f"{PREFIX}/message", headers=preflight)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert "x-conversations-token" in allowed and "content-type" in allowed


async def test_a_lost_database_is_an_error_of_the_family(browser: Browser, settings: Settings):
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    made = create_app(msgspec.structs.replace(settings, database_url=nowhere, redis_url=None))
    transport = httpx.ASGITransport(made)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://parley.test") as client:
        answer = await Browser(client, browser.project).send()
    assert (answer.status_code, list(answer.json())) == (503, ["error"])
    assert int(answer.headers["retry-after"]) > 0
