"""A connection to PostgreSQL whose other side is watched, so that a machine that is gone without a word is noticed.

Without this the kernel waits for a quarter of an hour where something was sent, and for two hours for an answer.
"""

import socket
from typing import Any

from asyncpg import Connection

UNHEARD_S = 20
"""For how long the other side may acknowledge nothing."""

# tcp(7); not every system has all of them.
OPTIONS = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": UNHEARD_S * 1000}


class WatchedConnection(Connection):  # type: ignore[misc]  # asyncpg has no types
    """asyncpg's connection with its socket's keepalive set."""

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        watch(transport.get_extra_info("socket"))


def watch(connected: Any) -> None:
    """Have the kernel end a TCP connection whose other side is silent for `UNHEARD_S`."""
    if connected.family == socket.AF_UNIX:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in OPTIONS.items():
        if hasattr(socket, name):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
