"""A page of a planner, as rrweb records it: nodes with ids, and the events of somebody who works there.

Shapes are those of rrweb 2: `type` 2 is a full snapshot, 3 a change, 4 where the page is, 5 an event of one's own, 6 one of
a plug-in.
"""

import random
from typing import Any

DOCUMENT, DOCTYPE, ELEMENT, TEXT = 0, 1, 2, 3
FULL_SNAPSHOT, INCREMENTAL, META, CUSTOM, PLUGIN = 2, 3, 4, 5, 6
MUTATION, MOUSE_MOVE, MOUSE_INTERACTION, SCROLL, INPUT = 0, 1, 2, 3, 5
CLICK = 2
WIDTH, HEIGHT = 1280, 720
SITE = "https://planner.example.com/"
STYLE = (
    "body{font:16px sans-serif;margin:0;color:#223}header{background:#2454c4;color:#fff;padding:12px 24px}"
    "main{padding:24px;max-width:60em}li{padding:8px;border-bottom:1px solid #dde}input{padding:8px;width:20em}"
    "button{margin:8px 8px 8px 0;padding:8px 16px}"
)
Json = dict[str, Any]


class RecordedPage:
    """The page that a visitor has open, which says of everything that happens there what rrweb would."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._n_nodes, self._pointer = chance, 0, (640, 300)
        self.field_id = self.list_id = self.button_id = 0

    def opened(self, name: str, at: int) -> list[Json]:
        """Go to another page: where it is, and all of it."""
        href = SITE + name
        return [
            {"type": META, "data": {"href": href, "width": WIDTH, "height": HEIGHT}, "timestamp": at},
            {
                "type": FULL_SNAPSHOT,
                "data": {"node": self._document(name), "initialOffset": {"left": 0, "top": 0}},
                "timestamp": at + 1,
            },
            {
                "type": CUSTOM,
                "data": {"tag": "$pageview", "payload": {"href": href}},
                "timestamp": at + 2,
            },
        ]

    def moved(self, at: int) -> list[Json]:
        """Move the pointer, over half a second."""
        chance, (x, y) = self._chance, self._pointer
        self._pointer = chance.randrange(40, WIDTH - 40), chance.randrange(40, HEIGHT - 40)
        (to_x, to_y), steps = self._pointer, 8
        positions = [
            {
                "x": x + (to_x - x) * step // steps,
                "y": y + (to_y - y) * step // steps,
                "id": self.list_id,
                "timeOffset": (step - steps) * 60,
            }
            for step in range(1, steps + 1)
        ]
        return [self._change(MOUSE_MOVE, at, positions=positions)]

    def clicked(self, at: int) -> list[Json]:
        """Click the button."""
        x, y = self._pointer
        return [self._change(MOUSE_INTERACTION, at, type=CLICK, id=self.button_id, x=x, y=y, pointerType=0)]

    def typed(self, text: str, at: int) -> list[Json]:
        """Type into the field; letters are masked, as the recorder does."""
        return [
            self._change(
                INPUT, at + 120 * n, id=self.field_id, text="*" * n, isChecked=False, userTriggered=True
            )
            for n in range(1, len(text) + 1)
        ]

    def added(self, text: str, at: int) -> list[Json]:
        """Put a line into the list."""
        item, words = self._element("li"), self._text(text)
        adds = [
            {"parentId": self.list_id, "nextId": None, "node": item},
            {"parentId": item["id"], "nextId": None, "node": words},
        ]
        return [self._change(MUTATION, at, adds=adds, texts=[], attributes=[], removes=[])]

    def scrolled(self, at: int) -> list[Json]:
        """Scroll the page."""
        return [self._change(SCROLL, at, id=1, x=0, y=self._chance.randrange(0, 900))]

    def logged(self, level: str, text: str, at: int) -> list[Json]:
        """Write to the console."""
        payload = {"level": level, "trace": [f"{SITE}app.js:120:14"], "payload": [f'"{text}"']}
        return [{"type": PLUGIN, "data": {"plugin": "rrweb/console@1", "payload": payload}, "timestamp": at}]

    def _change(self, source: int, at: int, **data: Any) -> Json:
        return {"type": INCREMENTAL, "data": {"source": source, **data}, "timestamp": at}

    def _document(self, name: str) -> Json:
        """Return all nodes of a page, whose ids begin anew."""
        self._n_nodes = 1
        title = name.replace("-", " ").title()
        doctype = {"type": DOCTYPE, "name": "html", "publicId": "", "systemId": "", "id": self._next_id()}
        head = self._element("head", self._element("style", self._text(STYLE)))
        field = self._element("input", type="text", placeholder="Search")
        button = self._element("button", self._text("Save"))
        items = self._element("ul", *(self._element("li", self._text(f"{title}: {n}")) for n in range(1, 9)))
        self.field_id, self.button_id, self.list_id = field["id"], button["id"], items["id"]
        header = self._element("header", self._element("h1", self._text("Planner")))
        main = self._element("main", self._element("h2", self._text(title)), field, button, items)
        html = self._element("html", head, self._element("body", header, main), lang="en")
        return {"type": DOCUMENT, "childNodes": [doctype, html], "id": 1}

    def _element(self, tag: str, *children: Json, **attributes: str) -> Json:
        made = {"type": ELEMENT, "tagName": tag, "attributes": attributes, "childNodes": list(children)}
        return {**made, "id": self._next_id()}

    def _text(self, text: str) -> Json:
        return {"type": TEXT, "textContent": text, "id": self._next_id()}

    def _next_id(self) -> int:
        self._n_nodes += 1
        return self._n_nodes
