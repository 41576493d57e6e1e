"""The address to listen on, checked before anything is started."""

import errno
import socket

from parley.kernel.config.values import SettingsError

CURES = {
    errno.EADDRINUSE: "Already in use. Is it running already? Otherwise name another port with --port.",
    errno.EADDRNOTAVAIL: "It is no address of this machine. Name one with --host, such as 127.0.0.1, or 0.0.0.0 for all.",
    errno.EACCES: "The user that runs Parley may not. Name a port from 1024 on with --port, and put a proxy in front.",
}


def address_of(host: str, port: int) -> str:
    """Return the numeric address of a host that is free to listen on; raises SettingsError with the cure."""
    family, address = _resolved(host, port)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            code = error.errno or 0
            cure = CURES.get(errno.EACCES if code == errno.EPERM else code, f"{error.strerror}.")
            raise SettingsError(f"Parley cannot listen on {host}:{port}: {cure}") from error
    return address


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise SettingsError(
            f"--host: no machine has the name {host!r}. Name an address of this machine, such as 127.0.0.1."
        )
    # `localhost` has an address of each family; people and proxies expect the older one.
    family, _, _, _, address = sorted(found, key=lambda one: one[0] != socket.AF_INET)[0]
    return family, str(address[0])
