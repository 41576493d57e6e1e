"""Whatever is sent as JSON-RPC is answered in a way that the protocol knows, and nothing of it is kept."""

import pytest
from mcp_types.methods import SPEC_CLIENT_METHODS

from parley.mcp.tests.clients import rpc

LOCAL = {"Host": "localhost"}
DEEP = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
OPENING = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
ENVELOPE = {"protocolVersion": "2026-07-28", "clientCapabilities": {}}


@pytest.mark.parametrize("version", [None, "2025-06-18", "2026-07-28", "1999-01-01", "\x01"])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"1", b"{}", b"\xff", b'{"jsonrpc":"2.0"}', b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
        b'{"jsonrpc":"1.0","id":1,"method":"ping"}', b'{"jsonrpc":"2.0","id":{},"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":[]}}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"conversations-tickets-retrieve",'
        b'"arguments":{"id":"\\u0000"}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"parley://projects/../tickets/1/transcript"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"answer-ticket","arguments":{"id":"{care}"}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"no/such"}', b'{"jsonrpc":"2.0","id":1' + b"0" * 5000 + b',"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"result":{}}', b'{"jsonrpc":"2.0","method":"notifications/cancelled"}', DEEP,
    ],
    ids=range(21),
)  # fmt: skip
async def test_odd_messages_are_refused_and_never_fail(alice, body, version):
    headers = {**LOCAL, "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    headers |= {"MCP-Protocol-Version": version} if version else {}
    answer = await alice.client.post("/mcp", content=body, headers=headers)
    assert answer.status_code in (200, 202, 400, 404), answer.text
    if answer.status_code == 200:
        shown = answer.json()
        assert "result" in shown or shown["error"]["code"] != -32603, answer.text


@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
@pytest.mark.parametrize("method", sorted(SPEC_CLIENT_METHODS))
async def test_every_method_of_the_protocol_is_answered_also_one_that_is_not_there(alice, method, version):
    """An endless stream, as `subscriptions/listen` means one, would hold the whole process."""
    asked = {
        "_meta": {f"io.modelcontextprotocol/{name}": value for name, value in ENVELOPE.items()},
        "notifications": {},
    }
    headers = {**LOCAL, "Accept": "application/json, text/event-stream"}
    headers |= {"MCP-Protocol-Version": version, "Mcp-Method": method}
    answer = await alice.client.post("/mcp", json=rpc(method, asked, 7), headers=headers)
    assert answer.status_code in (200, 400, 404) and answer.json()["id"] == 7, answer.text
    if method == "subscriptions/listen":
        assert answer.json()["error"]["code"] == -32601


async def test_many_clients_that_begin_and_go_leave_nothing(alice, app):
    before = {*app.app.state}
    for number in range(30):
        answer = await alice.client.post("/mcp", json=rpc("initialize", OPENING, number), headers=LOCAL)
        assert answer.json()["result"]["serverInfo"]["name"] == "parley"
        assert "mcp-session-id" not in answer.headers
    assert {*app.app.state} - before <= {"mcp_server"}


async def test_streams_and_ends_of_sessions_are_not_there(alice):
    got = await alice.client.get("/mcp", headers=LOCAL)
    ended = await alice.client.delete("/mcp", headers=LOCAL)
    assert (got.status_code, ended.status_code) == (405, 405)


async def test_a_body_of_more_than_a_megabyte_is_refused(alice):
    answer = await alice.client.post("/mcp", content=b" " * (1024 * 1024 + 1), headers=LOCAL)
    assert answer.status_code == 413
