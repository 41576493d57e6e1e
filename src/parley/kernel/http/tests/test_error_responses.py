"""Every kind of error in the envelope (docs/wire/requests.md#errors)."""

import pytest
from sqlalchemy import update

from parley.conversations.ticket_changes.tables import ticket_ledger
from tests.limited import client_at, limited_app

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def limited(settings, alice):
    """Alice's key at a server that counts requests."""
    key = f"Bearer {alice.key}"
    async with (
        limited_app(settings, "on") as made,
        client_at(made, "192.0.2.1", Authorization=key) as client,
    ):
        yield client


def check(answer, status, kind, code, attr=None):
    """Fail unless this is exactly the error."""
    body = answer.json()
    assert (answer.status_code, body["type"], body["code"], body["attr"]) == (status, kind, code, attr), body
    assert body.keys() == {"type", "code", "detail", "attr"} and body["detail"]
    assert answer.headers["content-type"].startswith("application/json")


async def test_each_error_has_its_type_and_code(api, anonymous, cast, alice, project):
    tickets = project.tickets
    stranger = await cast.make_key(alice, ["person:read"])
    wrong = {"Authorization": "Bearer phx_wrong"}
    check(await api.post(tickets, json={}), 400, "validation_error", "required", "distinct_id")
    check(await api.post(tickets, content="{", headers=JSON), 400, "invalid_request", "parse_error")
    check(await anonymous.get(tickets), 401, "authentication_error", "not_authenticated")
    check(await anonymous.get(tickets, headers=wrong), 401, "authentication_error", "authentication_failed")
    check(await stranger.get(tickets), 403, "authentication_error", "permission_denied")
    check(await api.get(f"{tickets}1/"), 404, "invalid_request", "not_found")
    check(await api.delete(tickets), 405, "invalid_request", "method_not_allowed")
    xml = {"Content-Type": "application/xml"}
    check(
        await api.post(tickets, content="<a/>", headers=xml), 415, "invalid_request", "unsupported_media_type"
    )


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
@pytest.mark.parametrize(
    ("field", "spelled", "code"),
    [
        ("message", rb'"cut \ud83d"', "surrogate_characters_not_allowed"),
        ("anonymous_traits", rb'{"a": "\udc00"}', "surrogate_characters_not_allowed"),
        ("anonymous_traits", b'{"a": 1e400}', "invalid_input"),
        ("session_id", rb'"a\u0000"', "null_characters_not_allowed"),
    ],
)
async def test_programs_are_told_which_field_cannot_be_stored(api, project, kind, field, spelled, code):
    body = b'{"distinct_id": "ada", "%b": %b}' % (field.encode(), spelled)
    answer = await api.post(project.tickets, content=body, headers={"Content-Type": kind})
    check(answer, 400, "validation_error", code, field)
    assert (await api.get(project.tickets)).json()["count"] == 0


async def test_only_the_first_error_is_told(api, project):
    wrong = {"distinct_id": "x" * 500, "status": "closed", "tags": [1], "assignee": 5}
    check(await api.post(project.tickets, json=wrong), 400, "validation_error", "max_length", "distinct_id")


async def test_a_fault_of_ours_tells_nothing(api, project, database):
    await api.post(project.tickets, json={"distinct_id": "ada"})
    mine = update(ticket_ledger).where(ticket_ledger.c.project_id == project.id)
    async with database.transaction() as db:
        await db.execute(mine.values(last_number=0))  # so that the next number is taken already
    answer = await api.post(project.tickets, json={"distinct_id": "ada"})
    check(answer, 500, "server_error", "error")
    assert answer.json()["detail"] == "A server error occurred."


async def test_a_key_may_ask_480_times_a_minute_where_limits_are_on(limited, project):
    answers = [await limited.get(f"{project.tickets}unread_count/") for _ in range(480)]
    assert {answer.status_code for answer in answers} == {200}
    assert (answers[-1].headers["ratelimit-limit"], answers[-1].headers["ratelimit-remaining"]) == (
        "480",
        "0",
    )
    refused = await limited.get(f"{project.tickets}unread_count/")
    check(refused, 429, "throttled_error", "throttled")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
