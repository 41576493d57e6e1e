"""The listening socket of a server: closed so that no client loses a connection that it believes to have.

Connections that the kernel has accepted for us, and that we haven't taken yet, are reset when the socket is closed. So
it first stops to let new ones in, and is closed when all those are taken.
"""

import ctypes
import os
import resource
import socket
import struct
import sys
from typing import Any

from granian.net import SocketSpec  # type: ignore[attr-defined]
from granian.server.embed import Server

SO_ATTACH_FILTER = 26
"""Linux; the module `socket` doesn't have the number."""

# The classic BPF program "drop a segment with SYN, let everything else pass": (code, jump if true, if false, value).
DROP_SYN = (
    (0x30, 0, 0, 13),  # load the byte with the flags of the TCP header
    (0x45, 0, 1, 0x02),  # go on with the next one if SYN is set, skip it otherwise
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 0xFFFFFFFF),  # pass
)


UNREAD_S = 30
"""How long a client may accept no data, because it doesn't read or has disappeared."""

MOST_CONNECTIONS = 4096
"""How many are held at once; more wait in the backlog. One that says nothing is closed after half a minute."""

OTHER_FILES = 512
"""Files and connections that a process has open beside those."""


def allow_connections() -> None:
    """Let this process open as many files as it holds connections, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def n_connections() -> int:
    """Return how many connections this process may hold with the files that it may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        MOST_CONNECTIONS
        if soft == resource.RLIM_INFINITY
        else max(64, min(MOST_CONNECTIONS, soft - OTHER_FILES))
    )


def _drop_who_does_not_read(listener_fd: int) -> None:
    """Have the kernel end connections on which nothing can be sent for long; accepted ones inherit it (tcp(7))."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        with socket.socket(fileno=os.dup(listener_fd)) as listener:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD_S * 1000))


class ListeningServer(Server):
    """Granian in this process, on a socket that we can reach."""

    _sfd: Any
    _shd: Any

    def _init_shared_socket(self) -> None:
        self._shd = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._ssp = None
        _drop_who_does_not_read(self._sfd)

    def refuse_connections(self) -> bool:
        """Have the kernel ignore new connections, where it can. Clients try again after a second, and are refused.

        Without this they would be let in until the socket is closed, and be cut off then.
        """
        if sys.platform != "linux":
            return False
        code = b"".join(struct.pack("HBBI", *line) for line in DROP_SYN)
        kept = ctypes.create_string_buffer(code, len(code))
        program: Any = struct.pack("HP", len(DROP_SYN), ctypes.addressof(kept))
        with socket.socket(fileno=os.dup(self._sfd)) as listener:
            listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        return True
