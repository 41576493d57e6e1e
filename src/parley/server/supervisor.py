"""Several processes behind one port: started, started again when they die, and ended together."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process

import structlog

from parley.kernel.logs import set_up_logs

log = structlog.get_logger(__name__)

PAUSES_S = (0.2, 1, 2, 5, 10, 30)
"""How long to wait before a worker is started again that has died so many times in a row."""

STABLE_S = 60
"""A worker that has lived for so long is healthy: its next death counts as the first."""


class Supervisor:
    """Keeps `count` workers alive until SIGTERM or SIGINT."""

    def __init__(self, host: str, port: int, count: int) -> None:
        self._command = [sys.executable, "-m", "parley.server.worker", host, str(port)]
        self._count = count
        self._ending = asyncio.Event()
        self._workers: set[Process] = set()

    async def run(self) -> None:
        """Return once all workers have ended after a signal."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, number)
        await asyncio.gather(*(self._keep(number) for number in range(1, self._count + 1)))

    def _end(self, number: signal.Signals) -> None:
        # They end by themselves within DRAIN_S; a second signal is one to them, too, and ends them at once.
        self._ending.set()
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(number)

    async def _keep(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        n_deaths = 0
        while not self._ending.is_set():
            started_at = loop.time()
            try:
                code = await self._live()
            except OSError as error:  # such as no memory left, of which the one before may have died
                log.error("worker_not_started", worker=number, error=str(error))
                code = None
            if self._ending.is_set():
                return
            n_deaths = 1 if loop.time() - started_at > STABLE_S else n_deaths + 1
            pause_s = PAUSES_S[min(n_deaths, len(PAUSES_S)) - 1]
            log.error("worker_died", worker=number, exit_code=code, starts_again_in_s=pause_s)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._ending.wait()

    async def _live(self) -> int:
        # Its standard input is how a worker notices that the supervisor is gone. In a session of its own, so that
        # Ctrl-C reaches it through the supervisor only, and not twice.
        worker = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, start_new_session=True)
        self._workers.add(worker)
        if self._ending.is_set():
            worker.terminate()
        try:
            return await worker.wait()
        finally:
            self._workers.discard(worker)


def supervise(host: str, port: int, count: int) -> None:
    """Serve with several workers until SIGTERM or SIGINT."""
    set_up_logs()
    asyncio.run(Supervisor(host, port, count).run())
