"""MCP as clients use it: a real server on each database, the official client, the inspector's command line, and stdio."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import TextContent

from parley.mcp.rules.tools import TOOLS
from parley.mcp.tests.clients import call, mcp_client_at
from tests.forked_program import run
from tests.parley_server import ParleyServer, migrated_postgres_url

ROOT = Path(__file__).parent.parent
INSPECTOR = ROOT / "node_modules/@modelcontextprotocol/inspector-cli/build/index.js"
COMMAND_LINES = Path(__file__).with_name("command_lines.mjs")
TREND = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview"}]}
REFUSED_HERE = {
    "conversations-tickets-compose-create": "channel is not enabled",  # there is none
    "subscriptions-test-delivery-create": "",  # an address of nobody
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, tmp_path_factory):
    settings = {} if request.param == "sqlite" else {"PARLEY_DATABASE_URL": migrated_postgres_url()}
    made = ParleyServer(tmp_path_factory.mktemp("mcp"), settings)
    made.start()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def project(server):
    return server.bootstrap("olive@fern.example")


async def made_things(client: Client) -> dict[str, dict[str, object]]:
    """Make one of everything, and return the inputs with which the other tools are called."""
    ticket = await call(
        client, "conversations-tickets-create", email="carol@customers.example", message="Hello", name="Carol"
    )
    id = ticket["id"]
    note = await call(client, "conversations-tickets-notes-create", id=id, message="Ask")
    view = await call(client, "conversations-views-create", name="Open ones", filters={"status": ["open"]})
    article = await call(client, "conversations-articles-create", title="Parcels", content="They travel.")
    return {
        "ticket": {"id": id},
        "note": {"id": id, "message_id": note["id"]},
        "view": {"short_id": view["short_id"]},
        "article": {"id": article["id"]},
    }


async def inputs_of_tickets(client: Client) -> dict[str, dict[str, object]]:
    """Return inputs with which the tools for tickets, views and articles can do their work."""
    made = await made_things(client)
    ticket, note, article = made["ticket"], made["note"], made["article"]
    return {
        "conversations-tickets-list": {"limit": 5},
        "conversations-tickets-retrieve": ticket,
        "conversations-tickets-messages-retrieve": ticket,
        "conversations-tickets-reply-create": {**ticket, "message": "We look."},
        "conversations-tickets-notes-create": {**ticket, "message": "One more"},
        "conversations-tickets-notes-partial-update": {**note, "message": "Ask again"},
        "conversations-tickets-notes-destroy": note,
        "conversations-tickets-update": {**ticket, "priority": "high"},
        "conversations-tickets-create": {"email": "dave@customers.example", "message": "Hi"},
        "conversations-tickets-compose-create": {
            "recipient_email": "erin@customers.example", "message": "Hi",
            "email_config_id": "01a227df-83d8-75a5-9e64-a18b73195162",
        },
        "conversations-tickets-suggest-reply-create": ticket,
        "conversations-tickets-bulk-update-tags-create": {"ids": [ticket["id"]], "action": "add", "tags": ["vip"]},
        "conversations-tickets-bulk-update-status-create": {"ids": [ticket["id"]], "status": "open"},
        "conversations-views-retrieve": made["view"],
        "conversations-views-create": {"name": "Another", "filters": {}},
        "conversations-views-update": {**made["view"], "name": "Renamed"},
        "conversations-articles-retrieve": article,
        "conversations-articles-create": {"title": "Returns"},
        "conversations-articles-update": {**article, "state": "published"},
    }  # fmt: skip


async def inputs_of_analytics(server, project, client: Client) -> dict[str, dict[str, object]]:
    """Return inputs with which all other tools can do their work."""
    funnel = {"kind": "FunnelsQuery", "series": [*TREND["series"], *TREND["series"]]}
    base = f"/api/projects/{project.project_id}"
    async with server.client(project) as api:
        insight = (await api.post(f"{base}/insights/", json={"name": "Steps", "query": funnel})).json()
        other = (await api.post(f"{base}/insights/", json={"name": "Others", "query": funnel})).json()
        seen = {"event": "$identify", "distinct_id": "carol", "properties": {"$set": {"name": "Carol"}}}
        await api.post("/capture/", json={"api_key": project.project_token, **seen})
        dashboard = (await api.post(f"{base}/dashboards/", json={"name": "Daily"})).json()
        persons = (await api.get(f"{base}/persons/")).json()["results"]
    journey = await call(client, "customer-journeys-create", name="Way in", insight=insight["id"])
    weekly = {"target_type": "email", "target_value": "olive@fern.example", "frequency": "weekly"}
    dated = {**weekly, "insight": insight["id"], "start_date": "2030-01-01T09:00:00Z"}
    subscription = await call(client, "subscriptions-create", **dated)
    by_insight, by_dashboard = {"id": insight["id"]}, {"id": dashboard["id"]}
    by_journey, by_subscription = {"id": journey["id"]}, {"id": subscription["id"]}
    return {
        "persons-retrieve": {"id": persons[0]["id"]},
        "insights-retrieve": by_insight,
        "query-run": {"query": TREND},
        "dashboards-retrieve": by_dashboard,
        "customer-journeys-retrieve": by_journey,
        "customer-journeys-people-list": {**by_journey, "step": 1},
        "customer-journeys-create": {"name": "Second", "insight": other["id"]},
        "customer-journeys-update": {**by_journey, "name": "Way out"},
        "subscriptions-retrieve": by_subscription,
        "subscriptions-create": dated,
        "subscriptions-update": {**by_subscription, "enabled": False},
        "subscriptions-test-delivery-create": by_subscription,
        "insights-sharing-retrieve": by_insight,
        "insights-sharing-partial-update": {**by_insight, "enabled": True},
        "dashboards-sharing-retrieve": by_dashboard,
        "dashboards-sharing-partial-update": {**by_dashboard, "enabled": True},
    }  # fmt: skip


@pytest.mark.slow
async def test_the_official_client_lists_and_calls_every_tool(server, project):
    key = project.personal_api_key
    async with mcp_client_at(server.url, key) as client, mcp_client_at(server.url, key, "legacy") as older:
        names = [one.name for one in (await client.list_tools()).tools]
        assert [one.name for one in (await older.list_tools()).tools] == names
        inputs = {
            **await inputs_of_tickets(client),
            **await inputs_of_analytics(server, project, client),
        }
        refused = {}
        for place, name in enumerate(names):
            result = await (older, client)[place % 2].call_tool(name, inputs.get(name, {}))
            [content] = result.content
            assert isinstance(content, TextContent)
            if result.is_error:
                refused[name] = content.text
            else:
                assert json.loads(content.text)["_untrusted"]
    assert {*names} == {"projects-list", *(tool.name for tool in TOOLS)}
    assert {name: said for name, said in refused.items() if REFUSED_HERE.get(name, "?") not in said} == {}


def called_with(name: str, inputs: dict[str, object]) -> list[str]:
    """Return the words by which the inspector calls a tool: it knows texts, and reads others by the tool's schema."""
    texts = [f"{key}={one if isinstance(one, str) else json.dumps(one)}" for key, one in inputs.items()]
    return ["--method", "tools/call", "--tool-name", name, *(["--tool-arg", *texts] if texts else [])]


def printed(program: Path, server: ParleyServer, commands: list[list[str]], **environment: str) -> list[Any]:
    """Run the command line of a program for Node with each of these words, and return the JSON that it prints."""
    done = subprocess.run(
        ["node", str(COMMAND_LINES), str(program)], input=json.dumps(commands),
        env={**os.environ, "PARLEY_URL": server.url, **environment}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert [one["refused"] for one in answers if "refused" in one] == []
    return [json.loads(one["printed"]) for one in answers]


@pytest.mark.slow
async def test_the_inspector_lists_and_calls_every_tool(server, project):
    key = project.personal_api_key
    async with mcp_client_at(server.url, key) as client:
        inputs = {**await inputs_of_tickets(client), **await inputs_of_analytics(server, project, client)}
    names = ["projects-list", *(tool.name for tool in TOOLS)]
    commands = [["--method", "tools/list"], *(called_with(name, inputs.get(name, {})) for name in names)]
    listed, *results = await asyncio.to_thread(
        printed, INSPECTOR, server, [[f"{server.url}/mcp", *words] for words in commands], PARLEY_MCP_KEY=key
    )
    assert [one["name"] for one in listed["tools"]] == names
    said = {name: one["content"][0]["text"] for name, one in zip(names, results, strict=True)}
    refused = {name for name, one in zip(names, results, strict=True) if one.get("isError")}
    assert {name: said[name] for name in refused if REFUSED_HERE.get(name, "?") not in said[name]} == {}
    assert all(json.loads(said[name])["_untrusted"] for name in said.keys() - refused)


@pytest.mark.slow
async def test_stdio_has_the_tools_of_the_server(server, project):
    words = ["-m", "parley.cli", "mcp", "--stdio", "--url", server.url]
    started = StdioServerParameters(
        command=sys.executable, args=words, env={**os.environ, "PARLEY_MCP_KEY": project.personal_api_key}
    )
    async with Client(started, mode="legacy") as client:
        names = {one.name for one in (await client.list_tools()).tools}
        shown = await call(client, "conversations-views-list")
        refused = await client.call_tool("conversations-tickets-retrieve", {"id": "999999"})
        assert (await client.list_prompts()).prompts
    assert len(names) == len(TOOLS) + 1
    assert "results" in shown
    assert refused.is_error


@pytest.mark.parametrize(
    ("url", "key", "said"),
    [
        ("", "phx_x", "Name the server"),
        ("http://127.0.0.1:9", "", "Put a personal API key"),
        ("http://127.0.0.1:9", "phx_x", "There is no answer from"),
    ],
)
def test_stdio_says_in_a_sentence_what_is_missing(url, key, said):
    settings = {"PARLEY_MCP_URL": url, "PARLEY_MCP_KEY": key}
    code, out, complained = run("mcp", "--stdio", settings=settings)
    assert (code, out) == (2, "")
    assert said in complained
