"""The side of the server: processes that are started when they are needed, used again, and killed beyond a limit."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Literal

import msgspec

from parley.kernel.isolation.program import LENGTH, IsolatedAnswer

Reason = Literal["too_slow", "too_much_memory", "crashed"]
START_S = 30.0
MOST = 2
"""How many processes of one program a server has."""

MOST_WAITING = 4
"""How many times as long as it may work a process may take, since it gets its turn late on a busy machine."""

TICKS = os.sysconf("SC_CLK_TCK")
CHUNK = 262_144
MAX_ANSWER_BYTES = 128 * 1024 * 1024
# An isolated process gets no settings of the server: there are secrets among them.
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


class Stopped(Exception):
    """The process went beyond a limit or ended; it is gone, and the next request gets another one."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class _Retired(Exception):
    """The process had ended in peace before it read the request."""


class IsolatedPool:
    """Up to `size` processes of one program. Nothing is started before the first request."""

    def __init__(self, module: str, *, size: int) -> None:
        self._command = (sys.executable, "-P", "-m", module)
        self._size = size
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._turns: asyncio.Semaphore | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def ask(self, request: bytes, content: bytes, *, seconds: float) -> tuple[bytes, list[bytes]]:
        """Return the reply and the contents of one process. Raises Stopped; safe to cancel.

        The time is that of the processor, so that a busy machine stops no harmless request.
        """
        async with self._turn():
            while True:
                worker = await self._worker()
                self._busy.add(worker)
                try:
                    found = await worker.ask(request, content, seconds)
                except _Retired:
                    continue
                finally:
                    self._busy.discard(worker)
                if worker.is_alive:
                    self._idle.append(worker)
                return found

    async def close(self) -> None:
        """End all processes. The pool can be used again afterwards."""
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        for worker in workers:
            await worker.kill()

    def _turn(self) -> asyncio.Semaphore:
        """Return the semaphore of the running loop; processes that belong to one that has ended are let go."""
        loop = asyncio.get_running_loop()
        if self._turns is None or self._loop is not loop:
            self._turns, self._loop = asyncio.Semaphore(self._size), loop
            self._idle.clear()
        return self._turns

    async def _worker(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError:  # the machine has no memory or no process left
            raise Stopped("crashed") from None
        worker = _Worker(process)
        await worker.started()
        return worker


class IsolatedPools:
    """The pools of this server, one for each program: `python -m MODULE`, a module of ours that calls `serve`."""

    def __init__(self) -> None:
        self._pools: dict[str, IsolatedPool] = {}

    def pool(self, module: str) -> IsolatedPool:
        """Return the pool of a program; nothing is started by that."""
        if module not in self._pools:
            self._pools[module] = IsolatedPool(module, size=min(MOST, os.cpu_count() or 1))
        return self._pools[module]

    async def close(self) -> None:
        """End all processes."""
        for pool in self._pools.values():
            await pool.close()


class _Worker:
    """One process."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process, self._in, self._out = process, process.stdin, process.stdout

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None and not self._out.at_eof()

    async def started(self) -> None:
        try:
            async with asyncio.timeout(START_S):
                await self._frame()
        except (TimeoutError, asyncio.IncompleteReadError):
            await self.kill()
            raise Stopped("crashed") from None
        except BaseException:
            await self.kill()
            raise

    async def ask(self, request: bytes, content: bytes, seconds: float) -> tuple[bytes, list[bytes]]:
        exchange = asyncio.create_task(self._exchange(request, content))
        try:
            await self._finished(exchange, seconds)
            return await exchange
        except (asyncio.IncompleteReadError, OSError):
            raise await self._why_it_ended() from None
        except BaseException:
            exchange.cancel()
            await self.kill()
            raise

    async def _finished(self, exchange: asyncio.Task[tuple[bytes, list[bytes]]], seconds: float) -> None:
        """Wait for the answer. Raises Stopped when the process has worked for so long, or waited several times so long."""
        clock = asyncio.get_running_loop().time
        started, worked_before = clock(), self._worked_s()
        rest = seconds
        while rest > 0 and clock() < started + seconds * MOST_WAITING:
            done, _ = await asyncio.wait({exchange}, timeout=max(rest, 0.05))
            if done:
                return
            rest = seconds - (self._worked_s() - worked_before)
        raise Stopped("too_slow")

    def _worked_s(self) -> float:
        """Return how long the process has had a processor: on a busy machine that is less than the time that has passed."""
        try:
            with open(f"/proc/{self._process.pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            return 0
        return (int(fields[11]) + int(fields[12])) / TICKS

    async def _exchange(self, request: bytes, content: bytes) -> tuple[bytes, list[bytes]]:
        self._in.write(LENGTH.pack(len(request)) + request + LENGTH.pack(len(content)))
        whole = memoryview(content)
        for start in range(0, len(content), CHUNK):
            self._in.write(whole[start : start + CHUNK])
            await self._in.drain()
        answer = msgspec.msgpack.decode(await self._frame(), type=IsolatedAnswer)
        if answer.status != "done":
            await self.kill()
            raise Stopped(answer.status)
        if sum(answer.sizes) > MAX_ANSWER_BYTES:
            raise Stopped("crashed")
        return answer.reply, [await self._content(size) for size in answer.sizes]

    async def _frame(self) -> bytes:
        size = LENGTH.unpack(await self._out.readexactly(LENGTH.size))[0]
        if size > MAX_ANSWER_BYTES:
            raise Stopped("crashed")
        return await self._content(size)

    async def _content(self, size: int) -> bytes:
        pieces: list[bytes] = []
        missing = size
        while missing:
            piece = await self._out.read(min(missing, CHUNK))
            if not piece:
                raise asyncio.IncompleteReadError(b"", missing)
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    async def _why_it_ended(self) -> Exception:
        try:
            async with asyncio.timeout(1):
                code = await self._process.wait()
        except TimeoutError:
            await self.kill()
            return Stopped("crashed")
        if code == 0:
            return _Retired()
        reasons: dict[int, Reason] = {-signal.SIGXCPU: "too_slow", -signal.SIGABRT: "too_much_memory"}
        return Stopped(reasons.get(code, "crashed"))

    async def kill(self) -> None:
        """End the process at once. One that has ended already is fine."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._in.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._process.wait()
