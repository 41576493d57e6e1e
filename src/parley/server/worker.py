"""One process that answers requests, and ends within a known time when it is asked to.

`python -m parley.server.worker HOST PORT` is how the supervisor starts one (parley/supervisor.py).
"""

import asyncio
import gc
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from parley.kernel.config.settings import Settings
from parley.kernel.process import leave

if TYPE_CHECKING:
    from parley.kernel.http.middleware import Middleware
    from parley.server.supervisor import KeptProcess

DRAIN_S = 20
"""The most that may pass between SIGTERM and the end of the process."""

REQUESTS_S = 14
"""How much of it requests in flight may take; the rest is for background work."""

HANDOVER_S = 1.0
"""How long requests are still accepted after SIGTERM; their answers ask the client to connect anew next time."""

TAKE_S = 0.2
"""How long connections that the kernel has accepted already are served after that."""

REST_S = 0.5
"""How long to wait for connections on which no request is being answered, such as one opened in advance."""


def run(settings: Settings, host: str, port: int, *, takes_mail: bool) -> None:
    """Serve until SIGTERM or SIGINT, and end the process; `takes_mail` says whether it keeps the mail process, too."""
    import uvloop

    gc.disable()  # what is made until it serves is kept: looking for garbage in it would take a quarter of the start
    uvloop.run(_serve(settings, host, port, takes_mail=takes_mail))


async def _serve(settings: Settings, host: str, port: int, *, takes_mail: bool) -> None:
    from parley.kernel.logs import set_up_logs
    from parley.main import create_app

    set_up_logs()
    app = create_app(settings)
    ending = Ending()
    async with app.app.lifespan():
        _collect_garbage_rarely()
        server = _server(app, host, port)
        serving = asyncio.create_task(server.serve())
        asked = asyncio.create_task(ending.asked.wait())
        mail = _mail_process(settings) if takes_mail else None
        await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
        if mail is not None:
            mail.end(signal.SIGTERM)
        await _drain(app, server, serving, is_handed_over=ending.by == signal.SIGTERM)
    leave()


def _mail_process(settings: Settings) -> "KeptProcess | None":
    """Start the process that takes mail in, where the settings want one."""
    from parley.server.supervisor import mail_process_of

    kept = mail_process_of(settings)
    if kept is not None:
        kept.task = asyncio.create_task(kept.keep())
    return kept


def _server(app: "Middleware", host: str, port: int) -> Any:
    from granian.constants import HTTPModes, Interfaces

    from parley.server.listener import ListeningServer, allow_connections, n_connections

    allow_connections()
    return ListeningServer(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,  # without the lifespan, which must end even if a connection doesn't
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        backlog=1024,
        backpressure=n_connections(),
    )


class Ending:
    """SIGTERM and SIGINT: the first one asks the process to end in time, the second one ends it."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.by: signal.Signals | None = None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._hear, number)

    def _hear(self, number: signal.Signals) -> None:
        if self.by is not None:
            leave()
        self.by = number
        # In a thread, so that nothing which blocks the loop can hold the process either.
        limit = threading.Timer(DRAIN_S, leave)
        limit.daemon = True
        limit.start()
        self.asked.set()


async def _drain(
    app: "Middleware", server: Any, serving: "asyncio.Task[None]", *, is_handed_over: bool
) -> None:
    """Stop accepting and wait for the requests in flight, but neither for streams nor for clients that say nothing."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + REQUESTS_S
    app.is_ending = True
    app.app.state.services.live.end_subscriptions()
    if is_handed_over:
        await asyncio.sleep(HANDOVER_S)
        server.refuse_connections()
        await asyncio.sleep(TAKE_S)
    server.stop()
    while app.n_running and not serving.done() and loop.time() < ends_at:
        await asyncio.wait({serving}, timeout=0.1)
    await asyncio.wait({serving}, timeout=REST_S)


def _collect_garbage_rarely() -> None:
    """Exclude the objects that were made at the start from garbage collection, and collect the others less often.

    Those never become garbage, and each full collection would stop every request for 80 ms to look at them again. A page
    of tickets makes a thousand objects, so the usual threshold of 700 would collect several times a request.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


def end_with_the_supervisor() -> None:
    """Ask this process to end once the other end of its standard input is closed, however that came about."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Serve as one of several processes, with the settings of the environment."""
    gc.disable()  # until everything is imported and made
    host, port = sys.argv[1], int(sys.argv[2])
    signal.signal(signal.SIGINT, lambda *_: leave())  # until there is something to drain
    signal.signal(signal.SIGTERM, lambda *_: leave())
    end_with_the_supervisor()
    run(Settings.from_env(host=host, port=port), host, port, takes_mail=False)


if __name__ == "__main__":
    main()
