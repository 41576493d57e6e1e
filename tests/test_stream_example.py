"""The program of docs/stream.md that follows the stream goes on after an event that it can't read."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import pytest

from tools.docs import DOCS

STREAM = (
    b": listening\nretry: 1000\n\nid: 1\n\n"
    b'id: 2\nevent: message.added\ndata: {"type":"message.added","message":{"content":"cut\n here"}}\n\n'
    b"id: 3\nevent: message.added\ndata: \n\n"
    b'id: 4\nevent: ticket.opened\ndata: {"type":"ticket.opened"}\n\n'
)
PROGRAM = re.compile(r"```python\n(import json.*?)```", re.DOTALL)


@pytest.fixture
def address() -> Iterator[str]:
    """A server whose stream holds two bad events before a good one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(STREAM)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_example_goes_on_after_an_event_that_cannot_be_read(address: str) -> None:
    found = PROGRAM.search((DOCS / "stream.md").read_text())
    assert found is not None
    names: dict[str, Any] = {}
    source = found.group(1).replace(
        "https://support.example.com/api/projects/@current/conversations", address
    )
    exec(source, names)
    assert list(islice(names["events"](), 1)) == [("4", {"type": "ticket.opened"})]
