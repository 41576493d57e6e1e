"""Who may use which route, tried on every route that the program has: a new one cannot skip this."""

import re
from typing import Any

from parley.accounts.api_keys.rules import SCOPES
from parley.kernel.ids import new_uuid
from parley.main import collected_handlers
from tests.openapi_world import DOCUMENT, build, good_request
from tests.openapi_world import filled as filled_from

PARAMETER = re.compile(r"\{(\w+):(\w+)\}")


def api_routes() -> list[tuple[str, str, Any]]:
    """Return path, method and the guard that says who is admitted, of each route below /api/."""
    return [
        (path, str(getattr(method, "value", method)), _door(handler))
        for handler in collected_handlers()
        for path in sorted(handler.paths)
        for method in sorted(handler.http_methods)
        if path.startswith("/api/")
    ]


def _door(handler: Any) -> Any:
    """Return the guard that says who may enter; there must be one, and it must come first."""
    admitted = [guard for guard in handler.guards or [] if hasattr(guard, "admits")]
    assert len(admitted) == 1 and handler.guards[0] is admitted[0], handler.fn
    return admitted[0]


ROUTES = api_routes()
CLOSED = [route for route in ROUTES if getattr(route[2], "admits", "") != "public"]
SCOPED = [route for route in ROUTES if getattr(route[2], "admits", "") == "scope"]
SESSION = [route for route in ROUTES if getattr(route[2], "admits", "") == "session"]
OF_PROJECTS = [route for route in CLOSED if "{project_id:" in route[0]]


def filled(path: str, project_id: int) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "project_id":
            return str(project_id)
        return "@current" if name == "organization_id" else str(new_uuid())

    return PARAMETER.sub(value, path)


def test_the_routes_are_there():
    assert len(SCOPED) > 30 and len(OF_PROJECTS) > 15


async def test_nobody_gets_in_without_credentials(anonymous, project):
    for path, method, _ in CLOSED:
        answer = await anonymous.request(method, filled(path, project.id))
        assert (method, path, answer.status_code) == (method, path, 401)


async def test_no_key_gets_in_without_the_scope(cast, alice, project):
    client = await cast.make_key(alice, ["nothing_at_all:read"])
    for path, method, guard in SCOPED:
        answer = await client.request(method, filled(path, project.id))
        assert (method, path, answer.status_code) == (method, path, 403)
        assert answer.json()["detail"] == f"API key missing required scope '{guard.scopes[0]}'"


async def test_a_reading_key_writes_nothing(cast, alice, project):
    writing = [route for route in SCOPED if all(scope.endswith(":write") for scope in route[2].scopes)]
    reading = [scope.replace(":write", ":read") for _, _, guard in writing for scope in guard.scopes]
    client = await cast.make_key(alice, sorted(set(reading)))
    for path, method, _ in writing:
        answer = await client.request(method, filled(path, project.id))
        assert (method, path, answer.status_code) == (method, path, 403)


async def test_no_key_gets_in_where_a_session_is_needed(api, project):
    assert SESSION
    for path, method, _ in SESSION:
        answer = await api.request(method, filled(path, project.id))
        assert (method, path, answer.status_code) == (method, path, 403)


async def test_strangers_get_nowhere_in_a_project(mallory, cast, project):
    session = await cast.sign_in(mallory)
    for path, method, guard in OF_PROJECTS:
        for client in (session,) if guard.admits == "session" else (mallory.client, session):
            answer = await client.request(method, filled(path, project.id))
            assert (method, path, answer.status_code) == (method, path, 403)
            assert answer.json()["detail"] == "You don't have access to the project."


async def test_a_session_without_its_csrf_token_changes_nothing(cast, alice, project):
    client = await cast.sign_in(alice)
    del client.headers["X-CSRFToken"]
    for path, method, _ in CLOSED:
        if method != "GET":
            answer = await client.request(method, filled(path, project.id))
            assert (method, path, answer.status_code) == (method, path, 403)
            assert "CSRF" in answer.json()["detail"]


async def requests_about_a_ticket(cast, level):
    """Yield method and answer of every request that names alice's ticket, made by bob, who has this level on it."""
    for path, methods in DOCUMENT["paths"].items():
        if "{key}" not in path and not path.endswith("{comment_id}"):
            continue
        for method, operation in methods.items():
            world = await build(cast, cast.alice, path)
            url = filled_from(
                "/api/projects/{project_id}/conversations/tickets/{key}/access_controls", world.ids
            )
            assert (await world.key.put(url, json={"access_level": level})).status_code == 200
            good = good_request(operation["operationId"], path, world)
            body = good["body"] if "requestBody" in operation else None
            answer = await cast.bob.client.request(
                method, filled_from(path, good["path_parameters"]), params=good["query"], json=body
            )
            yield method.upper(), operation["operationId"], answer


async def test_no_route_leads_to_a_hidden_ticket(cast):
    n_tried = 0
    async for _, name, answer in requests_about_a_ticket(cast, "none"):
        assert (name, answer.status_code) == (name, 404), answer.text
        n_tried += 1
    assert n_tried > 15


async def test_no_route_lets_a_viewer_change_a_ticket(cast):
    n_tried = 0
    async for method, name, answer in requests_about_a_ticket(cast, "viewer"):
        if method == "GET":
            has_none = "full_email" in answer.text or "no draft" in answer.text
            assert answer.is_success or has_none, (name, answer.text)
        elif name != "tickets_drop_draft":  # their own, which changes nothing of the ticket
            assert (name, answer.status_code) == (name, 403), answer.text
            n_tried += 1
    assert n_tried > 10


def test_the_page_of_keys_offers_every_scope_that_a_route_needs():
    asked = {guard.scopes for _, _, guard in SCOPED}
    assert [scopes for scopes in asked if not set(scopes) & set(SCOPES)] == []
    assert set(SCOPES) - {scope for scopes in asked for scope in scopes} == {"*"}
