"""Several processes behind one port: started, started again when they die, and ended together."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

import structlog

from parley.kernel.config.settings import Settings
from parley.kernel.logs import set_up_logs

log = structlog.get_logger(__name__)

PAUSES_S = (0.2, 1, 2, 5, 10, 30)
"""How long to wait before a worker is started again that has died so many times in a row."""

STABLE_S = 60
"""A worker that has lived for so long is healthy: its next death counts as the first."""


class KeptProcess:
    """A process that is started again whenever it dies, until it is asked to end."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self._name, self._command = name, command
        self._ending = asyncio.Event()
        self._process: Process | None = None
        self.task: asyncio.Task[None] | None = None

    def end(self, number: int) -> None:
        """Send the signal, and start the process no more."""
        # It ends by itself within DRAIN_S; a second signal is one to it, too, and ends it at once.
        self._ending.set()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def keep(self) -> None:
        """Return once the process has ended after `end`."""
        loop = asyncio.get_running_loop()
        n_deaths = 0
        while not self._ending.is_set():
            started_at = loop.time()
            try:
                code = await self._live()
            except OSError as error:  # such as no memory left, of which the one before may have died
                log.error("worker_not_started", worker=self._name, error=str(error))
                code = None
            if self._ending.is_set():
                return
            n_deaths = 1 if loop.time() - started_at > STABLE_S else n_deaths + 1
            pause_s = PAUSES_S[min(n_deaths, len(PAUSES_S)) - 1]
            log.error("worker_died", worker=self._name, exit_code=code, starts_again_in_s=pause_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._ending.wait()

    async def _live(self) -> int:
        # Its standard input is how it notices that this process is gone. In a session of its own, so that Ctrl-C reaches
        # it through this one only, and not twice.
        process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, start_new_session=True)
        self._process = process
        if self._ending.is_set():
            process.terminate()
        try:
            return await process.wait()
        finally:
            self._process = None


def mail_process_of(settings: Settings) -> KeptProcess | None:
    """Return the process that takes mail in, where the settings name an address for it."""
    if settings.inbound_smtp is None:
        return None
    os.environ.setdefault("PARLEY_SITE_URL", settings.site_url)
    return KeptProcess("mail", [sys.executable, "-m", "parley.server.mail_process"])


async def _run(kept: Sequence[KeptProcess]) -> None:
    """Return once all have ended after SIGTERM or SIGINT."""

    def end(number: signal.Signals) -> None:
        for one in kept:
            one.end(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    await asyncio.gather(*(one.keep() for one in kept))


def supervise(settings: Settings, host: str, port: int, count: int) -> None:
    """Serve with several workers until SIGTERM or SIGINT."""
    set_up_logs()
    command = [sys.executable, "-m", "parley.server.worker", host, str(port)]
    kept = [KeptProcess(str(number), command) for number in range(1, count + 1)]
    mail = mail_process_of(settings)
    asyncio.run(_run([*kept, mail] if mail else kept))
