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

from parley.accounts.two_factor.tests.factories import make_passkey_row
from parley.analytics.recordings.tests.factories import make_recording
from parley.email.channels.tests.channels import make_channel
from parley.email.inbound.actions.receiving import receive
from parley.email.inbound.schemas import IncomingMail
from parley.integrations.linkedin_conversions.tests.made import make_conversion_rule
from parley.kernel.openapi.document import document
from parley.kernel.services import Services
from parley.main import collected_handlers
from tests.cast import Cast, Member
from tests.openapi_things import DELIVERIES, ENDLESS, EVENT, GOOD, SESSION, SHARING, THINGS, TRENDS, Thing

PARAMETER = re.compile(r"\{(\w+)\}")
DOCUMENT = document(collected_handlers(), "test")
FREELY_NAMED = {
    (path, "recording_id")
    for path in DOCUMENT["paths"]
    if re.search(r"\{recording_id\}/sharing(/refresh|/accesses|/passwords)?$", path)
}
"""What may be shared before it has arrived, so that any name is one of the caller's own."""


@dataclass
class World:
    """Somebody's things: `ids` by the names that paths, queries and bodies give them."""

    key: httpx.AsyncClient
    session: httpx.AsyncClient
    widget: httpx.AsyncClient
    anonymous: httpx.AsyncClient
    program: httpx.AsyncClient
    ids: dict[str, str]
    below: dict[str, dict[str, str]]

    def client_for(self, security: list[dict[str, list[str]]]) -> httpx.AsyncClient:
        """Return a client with the credentials that an operation takes first."""
        names = set(security[0]) if security else set()
        if "widgetToken" in names:
            return self.widget
        if "projectSecret" in names:
            return self.program
        if "personalApiKey" in names:
            return self.key
        return self.session if "session" in names else self.anonymous

    def names_in(self, path: str) -> dict[str, str]:
        """Return what the parameters of a path of the document stand for."""
        found = dict(self.ids)
        for collection, names in self.below.items():
            if path.startswith(collection + "/"):
                found |= names
        for name in PARAMETER.findall(path):
            assert name in found, f"Say in tests/openapi_things.py what `{name}` in {path} is."
        return found


def resolved(value: Any, ids: Mapping[str, str]) -> Any:
    """Return a body with the names in its texts replaced by what they stand for."""
    if isinstance(value, dict):
        return {name: resolved(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, ids) for inner in value]
    return value.format_map({**ids, "unique": uuid4().hex}) if isinstance(value, str) else value


async def made(answer: httpx.Response) -> Any:
    """Return what was made; fails the test when it wasn't."""
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def build(cast: Cast, member: Member, path: str | None = None) -> World:
    """Make what the path names in the member's project, through the API; one of each thing where no path is given."""
    project, widget_session, visitor = member.project, str(uuid4()), f"visitor-{uuid4()}"
    ids = {
        "project_id": str(project.id),
        "organization_id": str(member.organization_id),
        "user": "@me",
        "user_uuid": str(member.user_uuid),
        "email": member.email,
        "colleague": str(cast.bob.user_uuid),
        "token": project.api_token,
        "widget_session_id": widget_session,
        "distinct_id": visitor,
        "marker": f"marker{uuid4().hex}",
        "scope": "conversations_ticket",
    }
    widget = cast.client(**{"X-Conversations-Token": project.widget_token})
    program = cast.client(Authorization=f"Bearer {project.secret_api_token}")
    world = World(member.client, await cast.sign_in(member), widget, cast.anonymous, program, ids, {})
    await _let_visitor_write(world)
    for thing in THINGS:
        if thing.collection in DOCUMENT["paths"] and (path is None or thing.is_named_by(path)):
            await _make(world, thing)
    if path is None or "{inbound_id}" in path:
        await _let_mail_in(world, cast, member)
    if path is None or "{recording_id}" in path:
        ids["recording_id"] = await make_recording(cast.services, project, distinct_id=ids["distinct_id"])
    await _add_conversion_rule(world, cast.services, member, path)
    if path is None or "/sharing/passwords" in path:
        await _share(world, path)
    if path is None or "{query_id}" in path:
        await _ask(world)
    if path is None or "{passkey_id}" in path:
        ids["passkey_id"] = await make_passkey_row(cast.services, member.user_id)
    if path is None or "/sessions/{session_id}" in path:
        await cast.sign_in(member)
        sessions = (await world.session.get("/api/users/@me/sessions")).json()
        ids["session_id"] = next(one["id"] for one in sessions if not one["is_current"])
    await _deliver(world, path)
    await _draft(world, path)
    return world


async def _tag(world: World, path: str | None) -> None:
    if path is not None and "/conversations/tags/" not in path:
        return
    url = f"/api/projects/{world.ids['project_id']}/conversations/tickets/{world.ids['key']}/"
    (await world.session.patch(url, json={"tags": ["one tag", "another tag"]})).raise_for_status()


async def _change_many(world: World, path: str | None) -> None:
    if path is None or "{bulk_change_id}" in path:
        url = f"/api/projects/{world.ids['project_id']}/conversations/tickets/bulk_update_tags/"
        body = {"ids": [world.ids["ticket_id"]], "action": "add", "tags": ["tagged with others"]}
        answer = await world.key.post(url, json=body)
        world.ids["bulk_change_id"] = answer.headers["Bulk-Change-Id"]


async def _draft(world: World, path: str | None) -> None:
    """Begin an answer on the ticket, and give it tags."""
    await _tag(world, path)
    await _change_many(world, path)
    if path is not None and not path.endswith("/draft"):
        return
    url = f"/api/projects/{world.ids['project_id']}/conversations/tickets/{world.ids['key']}/draft/"
    (await world.session.put(url, json={"message": "Not yet sent"})).raise_for_status()


async def _add_conversion_rule(world: World, services: Services, member: Member, path: str | None) -> None:
    if path is None or "/linkedin_conversions" in path:
        account, world.ids["conversion_rule"] = await make_conversion_rule(services, member)
        world.ids["linkedin_account"] = str(account)


async def _share(world: World, path: str | None) -> None:
    """Ask for a password on the shares of what the path names, and add one to each."""
    for sharing in SHARING:
        if path is None or path.startswith(sharing):
            url = filled(sharing, world.ids)
            await made(await world.key.patch(url, json={"password_required": True}))
            password = await made(await world.key.post(f"{url}/passwords", json={}))
            world.below[f"{sharing}/passwords"] = {"password_id": str(password["id"])}
            world.ids.setdefault("password_id", str(password["id"]))


async def _ask(world: World) -> None:
    """Ask something about events, and don't wait for the answer."""
    url = f"/api/projects/{world.ids['project_id']}/query"
    answer = await world.key.post(url, json={"query": TRENDS, "refresh": "async"})
    assert answer.status_code == 202, answer.text
    world.ids["query_id"] = answer.json()["query_status"]["id"]


async def _deliver(world: World, path: str | None) -> None:
    if path is not None and not path.startswith(DELIVERIES):
        return
    """Have a subscription delivered."""
    url = filled(DELIVERIES, world.ids)
    await world.key.post(url.replace("/deliveries", "/test-delivery"))
    [one] = (await made(await world.key.get(url)))["results"]
    world.ids["subscription_delivery_id"] = one["id"]


async def _let_mail_in(world: World, cast: Cast, member: Member) -> None:
    """Have a mail come in through a channel of its own; nobody has interpreted it yet."""
    channel = await make_channel(cast.services, member, f"mail@{uuid4().hex}.example")
    raw = f"Message-ID: <{world.ids['marker']}@example.com>\r\n\r\nHello".encode()
    mail = IncomingMail(channel=channel, source="smtp", raw=raw, recipient=channel.from_email)
    world.ids["inbound_id"] = str(await receive(cast.services, mail))
    world.ids.setdefault("channel_id", str(channel.id))


async def _let_visitor_write(world: World) -> None:
    """Have a visitor do something and write a message: this makes an event, a person and a ticket."""
    ids = world.ids
    root = f"/api/projects/{ids['project_id']}"
    traits = {"$set": {"email": f"{ids['distinct_id']}@example.com"}}
    await made(await world.anonymous.post("/capture", json={**resolved(EVENT, ids), "properties": traits}))
    message = {**resolved(GOOD["widget_send_message"], ids), "message": f"Hello from {ids['marker']}"}
    ticket = await made(await world.widget.post("/api/conversations/v1/widget/message", json=message))
    ids["key"] = ids["ticket_id"] = ids["item_id"] = ticket["ticket_id"]
    member = await made(await world.key.get(f"/api/organizations/{ids['organization_id']}/members/@me"))
    ids["organization_member"] = member["id"]
    ids["first_message_id"] = ticket["message_id"]
    second = {**message, "ticket_id": ticket["ticket_id"]}
    await made(await world.widget.post("/api/conversations/v1/widget/message", json=second))
    persons = await made(await world.key.get(f"{root}/persons"))
    events = await made(await world.key.get(f"{root}/events"))
    ids["person_id"], ids["event_id"] = persons["results"][0]["id"], events["results"][0]["id"]


async def _make(world: World, thing: Thing) -> None:
    url = filled(thing.collection, world.names_in(thing.collection))
    security = DOCUMENT["paths"][thing.collection]["post"]["security"]
    # Keys see no links of invitations.
    client = world.session if thing.opens else world.client_for(security)
    answer = await made(await client.post(url, json=resolved(thing.body, world.ids)))
    world.below[thing.collection] = {thing.name: str(answer[thing.field])}
    world.ids.setdefault(thing.name, str(answer[thing.field]))
    if thing.opens:
        world.below[thing.opens] = {"token": answer["invite_link"].rsplit("/", 1)[1]}
    if thing.name == "comment_id":
        world.ids["source_comment"] = answer["id"]


def good_request(operation_id: str, path: str, world: World) -> dict[str, Any]:
    """Return path, query and body of a request that is sure to be taken."""
    ids, names = world.ids, world.names_in(path)
    if operation_id in ("accounts_delete_member", "accounts_update_member"):
        names["user_uuid"] = ids["colleague"]
    of_thing = next((thing.body for thing in THINGS if thing.collection == path), None)
    body = EVENT if operation_id.startswith("events_capture") else GOOD.get(operation_id, of_thing)
    if body is None:
        body = least_body(operation_id, path, world)
    query: dict[str, str] = {}
    if operation_id in ENDLESS:
        query = {"follow": "false"}
    elif operation_id.startswith("events_capture_from_query"):
        query = {"data": json.dumps(resolved(EVENT, ids))}
    elif operation_id.startswith("widget_"):
        query = resolved(SESSION, ids)
    elif operation_id.startswith("privacy_"):
        query = {"person_id": ids["person_id"]}
    elif operation_id == "journeys_list_people":
        query = {"step": "1"}
    return {"path_parameters": names, "query": query, "body": resolved(body, ids)}


def least_body(operation_id: str, path: str, world: World) -> dict[str, Any]:
    """Return the required fields of an operation's JSON body, with values that the world has or that fit their type."""
    [operation] = (one for one in DOCUMENT["paths"][path].values() if one.get("operationId") == operation_id)
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    fields = dereferenced(schema)
    return {name: _least(name, fields["properties"][name], world) for name in fields.get("required", ())}


def dereferenced(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema, or the one of the document that it refers to."""
    return DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _least(name: str, schema: dict[str, Any], world: World) -> Any:
    schema = dereferenced(schema)
    if name in world.ids or "enum" in schema:
        return world.ids.get(name) or schema["enum"][0]
    if schema.get("type") == "array":
        return [_least(name.removesuffix("s"), schema.get("items", {}), world)]
    return {"boolean": True, "integer": 1, "number": 1, "object": {}}.get(schema.get("type", ""), "One")


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
