"""Load on a server, by wrk: 8 connections, or more, that each wait for their answer before they ask again."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

CONNECTIONS = 8
SCRIPT = Path(__file__).with_name("requests.lua")
PATIENCE_S = 60
"""How long a request may take where a server may refuse; else wrk counts one of two seconds as failed."""
MISSING = "wrk is not installed; `apt-get install wrk` installs it."


class LoadFailed(Exception):
    """Raised when wrk is missing, or when a server answered anything but success."""


class Ask(msgspec.Struct, frozen=True):
    """One request; the body is JSON text."""

    method: str
    path: str
    body: str = ""


class Reading(msgspec.Struct, frozen=True):
    """What wrk saw in one run. `requests` are those that were not refused; the times are those of all answers.

    Refused are those that were answered 503 with Retry-After. They are counted only where a server may refuse; elsewhere
    they have failed.
    """

    requests: int
    seconds: float
    failed: int
    refused: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    server_us: float = 0.0
    """Processor time of the server for a request, and of PostgreSQL for it."""
    postgres_us: float = 0.0

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def check_wrk() -> None:
    """Raise LoadFailed where wrk is missing."""
    if shutil.which("wrk") is None:
        raise LoadFailed(MISSING)


def put_load(
    address: str,
    asks: Sequence[Ask],
    headers: Mapping[str, str],
    seconds: float,
    *,
    connections: int = CONNECTIONS,
    may_refuse: bool = False,
) -> Reading:
    """Send the requests in turn, again and again, for so many seconds (whole ones, at least 1).

    Raises LoadFailed where an answer was no success, unless the server may refuse: then failures are counted.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.write("".join(f"{ask.method}\t{ask.path}\t{ask.body}\n" for ask in asks))
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(SCRIPT)]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        arguments = [file.name]
        if may_refuse:
            command += ["--timeout", f"{PATIENCE_S}s"]
            arguments.append("count refusals")
        done = subprocess.run(
            [*command, address, "--", *arguments], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        raise LoadFailed(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    reading = msgspec.json.decode(done.stdout.strip().splitlines()[-1], type=Reading)
    if reading.failed and not may_refuse:
        raise LoadFailed(
            f"{reading.failed} of {reading.requests} requests to {asks[0].path} at {address} failed."
        )
    if not reading.requests:
        raise LoadFailed(f"No request to {asks[0].path} at {address} succeeded in {seconds:g} s.")
    return reading
