"""The emoji that a message may hold, with their names and words in English, as the package emojibase-data has them."""

import json
from pathlib import Path
from typing import Any

# Newer ones are boxes on many computers and phones of today.
NEWEST = 15
COMPONENTS = "component"


def emoji_list(package: Path) -> bytes:
    """Return JSON: groups in the usual order, each `[name, [[emoji, name, other words], ...]]`."""
    said = json.loads((package / "en" / "messages.json").read_bytes())
    names = {one["order"]: one["message"] for one in said["groups"] if one["key"] != COMPONENTS}
    found: dict[str, list[list[Any]]] = {}
    for one in sorted(
        json.loads((package / "en" / "data.json").read_bytes()), key=lambda one: one.get("order", 0)
    ):
        if one.get("group") in names and one["version"] <= NEWEST:
            words = " ".join(one.get("tags", []))
            found.setdefault(names[one["group"]], []).append([one["emoji"], one["label"], words])
    groups = [[name[:1].upper() + name[1:], some] for name, some in found.items()]
    return json.dumps(groups, ensure_ascii=False, separators=(",", ":")).encode()
