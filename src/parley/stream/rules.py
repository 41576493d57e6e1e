"""Server-sent events as text (WHATWG HTML, section 9.2.6)."""

RETRY_MS = 1000
RESYNC = "resync"
TICKET_DELETED = "ticket.deleted"
HELLO = f": listening\nretry: {RETRY_MS}\n\n".encode()
STILL_HERE = b": still here\n\n"


def event(place: int, name: str, data: bytes) -> bytes:
    """Return one event; `data` is JSON, which has no line breaks."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (place, name.encode(), data)


def place_only(place: int) -> bytes:
    """Return what moves the client's last event id on, without an event."""
    return b"id: %d\n\n" % place
