"""Server-sent events as text (WHATWG HTML, section 9.2.6)."""

RETRY_MS = 1000
RESYNC = "resync"
HELLO = f": listening\nretry: {RETRY_MS}\n\n".encode()
STILL_HERE = b": still here\n\n"


LINE_BREAKS = {
    "\u0085".encode(): rb"\u0085",
    "\u2028".encode(): rb"\u2028",
    "\u2029".encode(): rb"\u2029",
}
"""What JSON leaves as it is although many clients end a line there."""


def event(id: str, name: str, data: bytes) -> bytes:
    """Return one event; `data` is JSON without line breaks, where those of Unicode are still to be escaped."""
    for character, escape in LINE_BREAKS.items():
        data = data.replace(character, escape)
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (id.encode(), name.encode(), data)


def id_only(id: str) -> bytes:
    """Return what moves the client's last event id on, without an event."""
    return b"id: %s\n\n" % id.encode()
