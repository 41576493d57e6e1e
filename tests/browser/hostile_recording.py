"""A recording in which everything tries to run a script, or to call a server that listens."""

import gzip
import json
from typing import Any

NODE = dict[str, Any]
SCRIPT = "console.log('HACKED');parent.postMessage('HACKED','*');top.document.title='HACKED'"
LINKS = (
    *("stylesheet", "preconnect", "dns-prefetch", "prefetch", "preload", "modulepreload"),
    *("icon", "manifest", "import"),
)
LOADING = (
    *("img", "iframe", "frame", "embed", "object", "video", "audio", "source", "track"),
    *("input", "portal", "fencedframe"),
)


class HostilePage:
    """Full snapshot and changes; `url` is the address that nothing may call."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.n_nodes = 1

    def node(self, tag: str, *children: NODE, **attributes: Any) -> NODE:
        """Return an element; `_` at the end of a name is dropped, the others stand for `-`."""
        named = {name.rstrip("_").replace("__", "-"): value for name, value in attributes.items()}
        made = {"type": 2, "tagName": tag, "attributes": named, "childNodes": list(children)}
        return {**made, "id": self.next_id()}

    def text(self, text: str, **more: Any) -> NODE:
        return {"type": 3, "textContent": text, "id": self.next_id(), **more}

    def next_id(self) -> int:
        self.n_nodes += 1
        return self.n_nodes

    def events(self, at: int) -> list[NODE]:
        """Return the recording, of ten seconds."""
        document = {"type": 0, "id": 1, "childNodes": [self.node("html", self.head(), self.body())]}
        return [
            {
                "type": 4,
                "timestamp": at,
                "data": {"href": "javascript:alert(1)", "width": 800, "height": 600},
            },
            {
                "type": 2,
                "timestamp": at + 1,
                "data": {"node": document, "initialOffset": {"top": 0, "left": 0}},
            },
            *self.changes(at + 500),
            {"type": 3, "timestamp": at + 1500, "data": self.written("It goes on")},
            {"type": 3, "timestamp": at + 4000, "data": {"source": 3, "id": 1, "x": 0, "y": 10}},
        ]

    def head(self) -> NODE:
        links = [self.node("link", rel=rel, href=f"{self.url}{rel}", as_="script") for rel in LINKS]
        css = f"@import url({self.url}css);@font-face{{font-family:x;src:url({self.url}font)}}" + "".join(
            f"{selector}{{{name}:url({self.url}{name})}}"
            for selector, name in (
                ("body", "background"),
                ("h1", "cursor"),
                ("h1", "mask-image"),
                ("li", "list-style"),
            )
        )
        return self.node(
            "head",
            *links,
            self.node("base", href=self.url),
            self.node("meta", **{"http-equiv": "refresh"}, content=f"0;url={self.url}refresh"),
            self.node("meta", **{"http-equiv": "refresh"}, content=f"0;url=javascript:{SCRIPT}"),
            self.node("style", self.text(css + "h1{font-family:x}", isStyle=True)),
            self.node("link", rel="stylesheet", _cssText=css),
            self.node("script", self.text(SCRIPT)),
            self.node("script", src=f"{self.url}script"),
        )

    def body(self) -> NODE:
        url, odd = self.url, ("1x", "a b", "<img>", "x" * 5000, "__proto__", "constructor")
        style = f"background:url({url}style)"
        self.target = self.node("h1", self.text("A page"), style=style, onclick=SCRIPT)
        return self.node(
            "body",
            self.target,
            *self.frames(),
            self.drawing(),
            self.node("img", src="x", onerror=SCRIPT),
            self.node("form", self.node("button", formaction=url + "b", autofocus=""), action=url + "form"),
            self.node("a", href=f"javascript:{SCRIPT}", ping=url + "ping", target="_top"),
            self.node("img", src="x", rr_dataURL=f"{url}picture", attributionsrc=url + "attribution"),
            self.node("canvas", rr_dataURL=f"{url}canvas"),
            *(
                self.node(
                    tag, src=url + tag, href=url + tag, data=url + tag, poster=url + tag, srcset=url + tag
                )
                for tag in LOADING
            ),
            *map(self.node, odd),
            onload=SCRIPT,
            **{"__proto__": "x", "on load": SCRIPT, "a/b": "x"},
        )

    def frames(self) -> list[NODE]:
        return [
            self.node("iframe", srcdoc=f"<script>{SCRIPT}</script><img src={self.url}srcdoc>"),
            self.node("iframe", src=f"javascript:{SCRIPT}", sandbox="allow-scripts allow-top-navigation"),
            self.node("iframe", src=f"data:text/html,<script>{SCRIPT}</script>"),
        ]

    def drawing(self) -> NODE:
        parts = ("image", "use", "feImage", "script", "a")
        addresses = [(tag, {"href": self.url + tag, "xlink:href": self.url + tag}) for tag in parts]
        children = [{**self.node(tag, **given), "isSVG": True} for tag, given in addresses]
        return {**self.node("svg", *children, onload=SCRIPT), "isSVG": True}

    def changes(self, at: int) -> list[NODE]:
        """Return later events that try the same, and some that have the wrong form."""
        changes = [self.mutation(), *self.styles(), *self.wrong()]
        href = {"tag": "x", "payload": {"href": f"<img src={self.url}>"}}
        return [{"type": 3, "timestamp": at + n, "data": data} for n, data in enumerate(changes)] + [
            {"type": 3, "timestamp": at + 50, "cv": "2024-10", "data": {"source": 0, "adds": "no gzip"}},
            {"type": 2, "timestamp": at + 60, "cv": "2099-01", "data": "x"},
            {"type": 5, "timestamp": at + 70, "data": href},
        ]

    def mutation(self) -> NODE:
        id, url = self.target["id"], self.url
        given = [
            {"onmouseover": SCRIPT, "style": {"background": f"url({url}later)"}},
            {"src": url + "src", "srcdoc": SCRIPT, "href": f"javascript:{SCRIPT}"},
        ]
        adds = [
            {"parentId": id, "nextId": None, "node": self.node(tag, src=url + tag)}
            for tag in ("img", "iframe", "script")
        ]
        attributes = [{"id": id, "attributes": one} for one in given]
        return {"source": 0, "texts": [], "attributes": attributes, "removes": [], "adds": adds}

    def styles(self) -> list[NODE]:
        rules = [{"rule": f"@import url({self.url}a)"}, {"rule": f"p{{background:url({self.url}p)}}"}]
        return [
            {
                "source": 8,
                "id": self.target["id"],
                "adds": [{"rule": f"h1{{x:url({self.url})}}", "index": 0}],
            },
            {"source": 10, "family": "y", "fontSource": f"url({self.url}fontface)", "buffer": False},
            {"source": 15, "id": 1, "styleIds": [1], "styles": [{"styleId": 1, "rules": rules}]},
        ]

    def wrong(self) -> list[Any]:
        argument = {"rr_type": "Function", "args": [SCRIPT]}
        socket = {"rr_type": "WebSocket", "args": [self.url.replace("http", "ws")]}
        command = {"property": "fillText", "args": [argument, socket]}
        return [
            {"source": 9, "id": self.target["id"], "type": 0, "commands": [command]},
            {"source": 0, "adds": "H4sIA", "texts": 7, "attributes": {}, "removes": None},
            {"source": 2, "type": 2, "id": {"toString": 1}, "x": "a", "y": None},
            {"source": 99},
            {"source": 4, "width": 1e308, "height": -5},
            [],
            None,
        ]

    def lines(self, at: int) -> str:
        """Return the recording as blocks are sent, with lines that are none."""
        broken = [
            "",
            "no JSON",
            "[]",
            "7",
            "null",
            '["w"]',
            '["w", {"timestamp": 1e999}]',
            '["w", {"type": 2}]',
            "[" * 9999,
        ]
        bomb = {
            "type": 2,
            "timestamp": at + 80,
            "cv": "2024-10",
            "data": gzip.compress(bytes(70 << 20)).decode("latin-1"),
        }
        far = {"type": 3, "timestamp": 8.64e15, "data": {"source": 3, "id": 1, "x": 0, "y": 0}}
        return "\n".join(
            [*(json.dumps(["w", event]) for event in [*self.events(at), bomb, far]), self.deep(at), *broken]
        )

    def deep(self, at: int) -> str:
        """Return the line of a change that adds elements in each other, too many for recursion."""
        opening = [
            f'{{"type": 2, "tagName": "b", "attributes": {{}}, "id": {id}, "childNodes": ['
            for id in range(10_000, 30_000)
        ]
        node = "".join(opening) + "]}" * len(opening)
        added = f'{{"parentId": {self.target["id"]}, "nextId": null, "node": {node}}}'
        data = f'{{"source": 0, "texts": [], "attributes": [], "removes": [], "adds": [{added}]}}'
        return f'["w", {{"type": 3, "timestamp": {at + 90}, "data": {data}}}]'

    def written(self, text: str) -> NODE:
        return {
            "source": 0,
            "texts": [{"id": self.target["childNodes"][0]["id"], "value": text}],
            "attributes": [],
            "removes": [],
            "adds": [],
        }
