"""What the script of the player is given, and the headers of the documents that it is made of."""

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.analytics.playback.queries import WrittenMessage
from parley.web.rendering import HEADERS, POLICY

FRAME = "/player"
"""The document around the replay: it belongs to no project and holds nothing."""

PLAYER_HEADERS = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}
"""Of a page with a player: like every page, with the one frame that it needs."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A mark on the timeline; `at` is in milliseconds since 1970, as rrweb counts."""

    at: int
    kind: str
    text: str
    href: str


class PlayerSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where `player.js` finds a recording; `link` is the address to which links to a moment lead."""

    url: str
    frame: str = FRAME
    marks: Sequence[Mark] = ()
    link: str | None = None


def mark_of(message: WrittenMessage) -> Mark:
    """Make a mark of what a customer wrote. One that isn't of the recorded session is named, but not quoted."""
    return Mark(
        at=round(message.at.timestamp() * 1000),
        kind="message" if message.is_of_session else "elsewhere",
        text=message.text if message.is_of_session else "",
        href=f"/inbox/{message.ticket_number}#message-{message.message_id}",
    )


def source_json(source: PlayerSource) -> Any:
    """Return it as JSON that may stand in a <script> (Jinja's `tojson` escapes what could end it)."""
    return msgspec.to_builtins(source)


def frame_headers(nonce: str) -> dict[str, str]:
    """Return the headers of the frame, whose policy the replay inherits: nothing is loaded but what is in the recording.

    Pages of other sites may contain it, as they may contain shared recordings.
    """
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data: blob:; "
        "font-src data:; media-src data:; frame-src data:; base-uri 'none'; form-action 'none'"
    )
    kept = ("Cache-Control", "Permissions-Policy")
    return {
        **{name: HEADERS[name] for name in kept},
        "Content-Security-Policy": policy,
        "X-DNS-Prefetch-Control": "off",
        "Referrer-Policy": "no-referrer",
    }
