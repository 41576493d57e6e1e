"""The program as people run it, begun in a fork of a process that has imported it already, which saves a second each."""

import ctypes
import multiprocessing
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from parley.cli import main
from parley.kernel.process import leave

DAC_OVERRIDE, DAC_READ_SEARCH, CAPABILITY_VERSION_3 = 1, 2, 0x20080522
LONGEST_S = 120

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    [
        "parley.main",
        "parley.server.serve",
        "parley.server.worker",
        "parley.server.listener",
        "parley.server.supervisor",
        "parley.commands.doctor_checks",
        "parley.kernel.migrations.safety",
        "aiosqlite",
        "alembic.command",
        "uvloop",
    ]
)

Stream = Path | Connection
"""Where a program writes: to the end of a file, or into a pipe."""


class ForkedProgram:
    """`parley` with these words. It is waited for and ended as a `subprocess.Popen` is, and with the tests."""

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        out: Stream,
        errors: Stream,
        limit: Callable[[], None] | None = None,
    ) -> None:
        given = (list(words), dict(environment), out, errors, limit)
        self._process = processes.Process(target=_become, args=given, daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or the number of the signal that ended it, below zero; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended; raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("parley", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal; harmless once it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _become(
    words: Sequence[str],
    environment: dict[str, str],
    out: Stream,
    errors: Stream,
    limit: Callable[[], None] | None,
) -> None:
    threading.Thread(target=_end_with_the_tests, daemon=True).start()
    os.setsid()  # Ctrl-C is for the tests, which may still need it
    for number, stream in ((1, out), (2, errors)):
        if isinstance(stream, Path):
            file = os.open(stream, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.dup2(file, number)
            os.close(file)
        else:
            os.dup2(stream.fileno(), number)
            stream.close()
    os.environ.clear()
    os.environ.update(environment)
    if limit is not None:
        limit()
    leave(main(words))


def _end_with_the_tests() -> None:
    """Kill this process once that of the tests is gone, however it went."""
    tests = multiprocessing.parent_process()
    assert tests is not None
    tests.join()
    os.kill(os.getpid(), signal.SIGKILL)


def run(*words: str, settings: Mapping[str, str], size: int | None = None) -> tuple[int, str, str]:
    """Run a command as somebody whom permissions hold, perhaps with files of a limited size; return what it said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    (out, its_out), (errors, its_errors) = processes.Pipe(duplex=False), processes.Pipe(duplex=False)
    program = ForkedProgram(
        words, environment | dict(settings), its_out, its_errors, partial(_obey_limits, size)
    )
    its_out.close()
    its_errors.close()
    with ThreadPoolExecutor(2) as threads:
        printed, complained = (threads.submit(_everything, pipe) for pipe in (out, errors))
        try:
            code = program.wait(LONGEST_S)
        finally:
            program.send_signal(signal.SIGKILL)  # what it holds open is closed then, and all is read
    return code, printed.result(), complained.result()


def _everything(pipe: Connection) -> str:
    with os.fdopen(os.dup(pipe.fileno()), "rb") as file, pipe:
        return file.read().decode()


def _obey_limits(size: int | None) -> None:
    """Take root's right to read and write everything from this process, and limit its files."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable: the lower half of each, then the higher ones.
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for number in range(3):
        sets[number] &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    assert libc.capset(header, sets) == 0
    if size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
