"""Runs one server for the tests and ends it when the test run is over, however that run ended.

The server is a child of this little program, and this program watches the process that owns the test
run: once that is gone, even by `kill -9`, the server is stopped and its folder removed.

    python guard.py --owner PID --folder PATH [--user NAME] --stop-signal NAME COMMAND...
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

NOTE = "shared-postgres"
POLL_INTERVAL_S = 0.2
STOP_TIMEOUT_S = 10


def is_alive(pid: int) -> bool:
    """Say whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def watch(server: subprocess.Popen[bytes], owner: int) -> bool:
    """Wait until the server has ended (False) or its owner has (True)."""
    while is_alive(owner):
        try:
            server.wait(POLL_INTERVAL_S)
        except subprocess.TimeoutExpired:
            continue
        return False
    return True


def stop(server: subprocess.Popen[bytes], name: str) -> None:
    """End the server with its own stop signal, and by force if it doesn't listen."""
    if server.poll() is None:
        server.send_signal(signal.Signals[name])
        try:
            server.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def clear_away(folder: Path) -> None:
    """Remove this server's folder, and the folder of the whole run once nothing else is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()


def main() -> int:
    """Run the server until it, its owner, or this guard is asked to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stop-signal", required=True)
    parser.add_argument("--user")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    given = parser.parse_args()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    groups: dict[str, Any] = {"group": given.user, "extra_groups": []} if given.user else {}
    # The server's own working directory must be one that its user may enter.
    server = subprocess.Popen(given.command, user=given.user, cwd=given.folder, **groups)
    owner_is_gone = False
    try:
        owner_is_gone = watch(server, given.owner)
    finally:
        stop(server, given.stop_signal)
        if owner_is_gone:
            (given.folder.parent / NOTE).unlink(missing_ok=True)
            clear_away(given.folder)
    return server.returncode or 0


if __name__ == "__main__":
    sys.exit(main())
