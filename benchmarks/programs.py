"""The servers that are measured, as processes of their own."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port

READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
ROOT = Path(__file__).parent.parent
PARLEY = str(Path(sys.executable).with_name("parley"))


class ProgramFailed(Exception):
    """Raised when a server ends, or does not get ready; the text holds its own last words."""


class Program:
    """A running server that said on its standard output that it is ready."""

    def __init__(self, command: list[str], port: int, environment: Mapping[str, str], log: Path) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = log
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        started = time.perf_counter()
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=_clean_environment() | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        # A thread drains the pipe for as long as the program lives, so that it never waits for us.
        threading.Thread(target=self._drain, daemon=True).start()
        self._await_ready()
        self.ready_after_s = time.perf_counter() - started

    def _drain(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = ""
            if " is ready at " in line:
                return
            if not line:
                self.stop()
                raise ProgramFailed(f"{self.process.args!r} is not ready:\n{self.log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End the program and wait until it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _clean_environment() -> dict[str, str]:
    """Return ours without settings of Parley, and with the cache of bytecode that every installation has."""
    kept = (
        name for name in os.environ if not name.startswith("PARLEY_") and name != "PYTHONDONTWRITEBYTECODE"
    )
    return {name: os.environ[name] for name in kept}


@contextmanager
def parley(
    folder: Path,
    database_url: str | None = None,
    *,
    command: list[str] | None = None,
    settings: Mapping[str, str] = {},
) -> Iterator[Program]:
    """Run `parley serve` with one worker; without an address of a database, on SQLite in the folder."""
    port = free_port()
    environment = {"PARLEY_DATA_DIR": str(folder), "PARLEY_RATE_LIMITS": "off", **settings}
    if database_url:
        environment["PARLEY_DATABASE_URL"] = database_url
    with _running(
        [*(command or [PARLEY, "serve"]), "--port", str(port)], port, environment, folder
    ) as program:
        yield program


@contextmanager
def ceiling(folder: Path, database_url: str, project_id: int) -> Iterator[Program]:
    """Run the ceiling on the same database."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.ceiling", "--port", str(port), "--database", database_url]
    with _running([*command, "--project", str(project_id)], port, {}, folder) as program:
        yield program


@contextmanager
def receiver(folder: Path, port: int) -> Iterator[Program]:
    """Run the receiver of webhooks."""
    command = [sys.executable, "-m", "benchmarks.receiver", "--port", str(port)]
    with _running(command, port, {}, folder) as program:
        yield program


@contextmanager
def mail_sink(folder: Path) -> Iterator[str]:
    """Run a mail server that takes everything; yield its address for `PARLEY_SMTP_URL`."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.mail_sink", "--port", str(port)]
    with _running(command, port, {}, folder / "sink"):
        yield f"smtp://127.0.0.1:{port}"


@contextmanager
def _running(
    command: list[str], port: int, environment: Mapping[str, str], folder: Path
) -> Iterator[Program]:
    folder.mkdir(parents=True, exist_ok=True)
    program = Program(command, port, environment, folder / "benchmark.log")
    try:
        yield program
    finally:
        program.stop()
