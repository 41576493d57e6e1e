"""Requests as recorders send them."""

import gzip
import json
from typing import Any
from uuid import uuid4


def click(at: float) -> dict[str, Any]:
    return {"type": 3, "timestamp": at, "data": {"source": 2, "type": 2, "id": 5, "x": 1, "y": 2}}


def meta(at: float, href: str = "http://shop.test/cart") -> dict[str, Any]:
    return {"type": 4, "timestamp": at, "data": {"href": href, "width": 800, "height": 600}}


def snapshot(project_token: str, *events: Any, session_id: Any = None, **properties: Any) -> dict[str, Any]:
    """Return an event `$snapshot` as posthog-js sends it; a property that is None isn't sent."""
    given = {
        "token": project_token,
        "distinct_id": "visitor",
        "$session_id": session_id or str(uuid4()),
        "$window_id": "window-1",
        "$snapshot_data": list(events),
        "$snapshot_bytes": 100,
        "$snapshot_source": "web",
        "$lib": "web",
        **properties,
    }
    kept = {name: value for name, value in given.items() if value is not None}
    return {"event": "$snapshot", "properties": kept, "sent_at": "2026-01-01T00:00:00Z"}


def packed(body: Any) -> bytes:
    return gzip.compress(json.dumps(body).encode())
