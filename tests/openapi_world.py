"""A small world for requests made from the OpenAPI document: people, and one of each thing that a path can name."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import requests
from schemathesis.core.transport import Response

from parley.kernel.schema import document
from parley.main import collected_handlers
from tests.cast import PASSWORD, Cast, Member

PARAMETER = re.compile(r"\{(\w+)\}")
DOCUMENT = document(collected_handlers(), "test")


@dataclass
class World:
    """Alice's (or somebody's) things: `ids` by the names that paths, queries and bodies give them."""

    key: httpx.AsyncClient
    session: httpx.AsyncClient
    widget: httpx.AsyncClient
    anonymous: httpx.AsyncClient
    ids: dict[str, Any]

    def client_for(self, security: list[dict[str, list[str]]]) -> httpx.AsyncClient:
        """Return a client with the credentials that an operation takes first."""
        names = set(security[0]) if security else set()
        if "widgetToken" in names:
            return self.widget
        if "personalApiKey" in names:
            return self.key
        return self.session if "session" in names else self.anonymous


async def made(answer: httpx.Response) -> Any:
    """Return what was made; fails the test when it wasn't."""
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def build(cast: Cast, member: Member) -> World:
    """Make one of each thing in the member's project, through the API."""
    api, project = member.client, member.project
    session = await cast.sign_in(member)
    widget = cast.client(**{"X-Conversations-Token": project.widget_token})
    organization, root = f"/api/organizations/{member.organization_id}", f"/api/projects/{project.id}"
    widget_session, visitor, marker = str(uuid4()), f"visitor-{uuid4()}", f"marker{uuid4().hex}"
    event = {
        "event": "seen",
        "distinct_id": visitor,
        "properties": {"$set": {"email": f"{visitor}@example.com"}},
    }
    await made(await cast.anonymous.post("/capture", json={"api_key": project.api_token, **event}))
    message = {
        "widget_session_id": widget_session,
        "distinct_id": visitor,
        "message": "Hello, is anybody there?",
    }
    ticket = await made(await widget.post("/api/conversations/v1/widget/message", json=message))
    text = {"scope": "conversations_ticket", "item_id": ticket["ticket_id"], "content": "Yes, here."}
    comment = await made(await api.post(f"{root}/comments", json=text))
    persons = await made(await api.get(f"{root}/persons"))
    events = await made(await api.get(f"{root}/events"))
    role = await made(await api.post(f"{organization}/roles", json={"name": "Support"}))
    one = {"user_uuid": str(member.user_uuid)}
    holder = await made(await api.post(f"{organization}/roles/{role['id']}/role_memberships", json=one))
    invite = await made(
        await api.post(f"{organization}/invites", json={"target_email": f"{uuid4()}@example.com"})
    )
    key = await made(
        await session.post("/api/personal_api_keys", json={"label": "one", "scopes": ["ticket:read"]})
    )
    views, macros = f"{root}/conversations/views", f"{root}/conversations/quick_actions"
    view = await made(await api.post(views, json={"name": "Mine"}))
    macro = await made(await api.post(macros, json={"name": "Hello", "content": "Hello"}))
    ids = {
        "project_id": project.id,
        "organization_id": member.organization_id,
        "key": ticket["ticket_id"],
        "ticket_id": ticket["ticket_id"],
        "item_id": ticket["ticket_id"],
        "comment_id": comment["id"],
        "source_comment": comment["id"],
        "person_id": persons["results"][0]["id"],
        "event_id": events["results"][0]["id"],
        "role_id": role["id"],
        "role_membership_id": holder["id"],
        "invite_id": invite["id"],
        "invite_token": invite["invite_link"].rsplit("/", 1)[1],
        "key_id": key["id"],
        "user": "@me",
        "user_uuid": member.user_uuid,
        "widget_session_id": widget_session,
        "distinct_id": visitor,
        "token": project.api_token,
        "scope": "conversations_ticket",
        "email": member.email,
        "marker": marker,
        "colleague": cast.bob.user_uuid,
        "short_id": view["short_id"],
        "macro_id": macro["short_id"],
    }
    names = {name: str(value) for name, value in ids.items()}
    return World(api, session, widget, cast.anonymous, names)


def good_request(operation_id: str, path: str, ids: dict[str, str]) -> dict[str, Any]:
    """Return path, query and body of a request that is sure to be taken."""
    in_path = dict(ids)
    if path.startswith("/api/signup/"):
        in_path["token"] = ids["invite_token"]
    if operation_id in ("accounts_delete_member", "accounts_update_member"):
        in_path["user_uuid"] = ids["colleague"]
    if operation_id.startswith("quick_actions_"):
        in_path["short_id"] = ids["macro_id"]
    event = {"api_key": ids["token"], "event": "seen", "distinct_id": ids["distinct_id"]}
    session = {"widget_session_id": ids["widget_session_id"]}
    bodies: dict[str, dict[str, Any]] = {
        "accounts_login": {"email": ids["email"], "password": PASSWORD},
        "accounts_ask_for_password_reset": {"email": ids["email"]},
        "accounts_sign_up": {"password": "a new and lovely passphrase", "first_name": "Carol"},
        "accounts_create_key": {"label": "two", "scopes": ["ticket:read"]},
        "accounts_create_organization": {"name": "Hedgehogs"},
        "accounts_create_invite": {"target_email": f"{uuid4()}@example.com"},
        "accounts_create_role": {"name": "Sales"},
        "accounts_create_role_membership": {"user_uuid": ids["colleague"]},
        "accounts_create_project": {"name": "Two"},
        "accounts_change_availability": {"is_available": False},
        "accounts_create_organization_project": {"name": "Three"},
        "persons_update_property": {"key": "plan", "value": "free"},
        "persons_delete_property": {"$unset": "plan"},
        "events_show_flags": {"token": ids["token"]},
        "events_decide": {"token": ids["token"]},
        "saved_views_create_view": {"name": "Open", "filters": {"status": ["open"], "own": 1}},
        "quick_actions_create_quick_action": {"name": "Close", "actions": {"status": "resolved"}},
        "tickets_open_ticket": {"email": "carol@example.com", "message": "Hello", "tags": ["one"]},
        "tickets_create_comment": {"scope": ids["scope"], "item_id": ids["key"], "content": "Yes"},
        "tickets_edit_comment": {"content": "No"},
        "widget_send_message": {**session, "distinct_id": ids["distinct_id"], "message": "Hello"},
        "widget_read_thread": session,
    }
    is_pixel = operation_id.startswith("events_capture_from_query")
    query = {"data": json.dumps(event)} if is_pixel else session if operation_id.startswith("widget_") else {}
    body = event if operation_id.startswith("events_capture") else bodies.get(operation_id, {})
    return {"path_parameters": in_path, "query": query, "body": body}


def filled(path: str, names: Mapping[str, str]) -> str:
    """Return a path of the document with its parameters replaced."""
    return PARAMETER.sub(lambda match: names[match.group(1)], path)


class Sender:
    """Sends what schemathesis made, from a thread in which hypothesis runs, on the loop that the application runs on."""

    def __init__(self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def send(self, given: dict[str, Any]) -> Response:
        """Send a request that is described in the words of `requests`."""
        wanted = {name: given.get(name) for name in ("method", "url", "params", "data", "json", "files")}
        prepared = requests.Request(**wanted).prepare()
        body: Any = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        kind = (given.get("headers") or {}).get("Content-Type") or prepared.headers.get("Content-Type")
        headers: dict[str, Any] = {"content-type": kind} if kind else {}
        request = self._client.build_request(
            prepared.method or "", prepared.url or "", content=body, headers=headers
        )
        answer = asyncio.run_coroutine_threadsafe(self._client.send(request), self._loop).result(30)
        found = {name: answer.headers.get_list(name) for name in answer.headers}
        return Response(answer.status_code, found, answer.content, prepared, 0.0, False, encoding="utf-8")
