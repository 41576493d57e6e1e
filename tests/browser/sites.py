"""Small websites on this machine that aren't ours, each an origin of its own that notes what it is asked for."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class Site:
    """Serves `pages`, by path, until the end of the `with` block; `asked` has each path that was asked for."""

    def __init__(self, pages: Mapping[str, tuple[str, str]]) -> None:
        self.pages = pages  # path: (media type, content)
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        # Not the host of Parley: for browsers this is another site, whose frames get no cookies of ours.
        self.url = f"http://localhost:{self._server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                found = site.pages.get(self.path)
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", found[0] if found else "text/plain")
                self.end_headers()
                self.wfile.write(found[1].encode() if found else b"")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
