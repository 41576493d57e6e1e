"""A browser without script: follows links, fills forms, and reads pages by what people and screen readers see."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from tests.cast import Cast, Member

VOID = frozenset(
    "area base br col embed hr img input link meta path source track wbr rect circle".split()  # noqa: SIM905
)


class Element:
    """An element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    @property
    def text(self) -> str:
        """The words in it, white space folded."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    @property
    def name(self) -> str:
        """What a screen reader calls it."""
        return self.get("aria-label") or self.text

    def walk(self) -> Iterator[Element]:
        """Yield every element inside, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements of this kind; `class_` is one class among others, `_` in a name stands for `-`."""
        return [found for found in self.walk() if found.is_like(tag, attributes)]

    def is_like(self, tag: str, attributes: dict[str, str]) -> bool:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        if tag and self.tag != tag:
            return False
        return all(
            value in self.get(name).split() if name == "class" else self.get(name, "\0") == value
            for name, value in wanted.items()
        )

    def one(self, tag: str = "", **attributes: str) -> Element:
        """Return the only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def texts(self, tag: str = "", **attributes: str) -> list[str]:
        return [found.text for found in self.all(tag, **attributes)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._open = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(made)
        if tag not in VOID:
            self._open = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.children.append(Element(tag, {name: value or "" for name, value in attrs}, self._open))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        closing: Element | None = self._open
        while closing is not None and closing.tag != tag:
            closing = closing.parent
        assert closing is not None and closing is self._open, f"</{tag}> closes <{self._open.tag}>"
        self._open = closing.parent or self.root

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


def read_html(html: str) -> Element:
    """Parse a page; a tag that is closed in the wrong place fails."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class PlainBrowser:
    """One browser window; cookies live in its client."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        client.headers["Accept"] = "text/html,application/xhtml+xml,*/*;q=0.8"
        self.client = client
        self.answer = httpx.Response(0)
        self.page = Element("", {}, None)

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def path(self) -> str:
        return self.answer.url.raw_path.decode()

    @property
    def heading(self) -> str:
        return self.page.all("h1")[0].text

    async def open(self, path: str) -> PlainBrowser:
        """Load a page, following redirects."""
        return self._show(await self.client.get(path, follow_redirects=True))

    async def follow(self, name: str) -> PlainBrowser:
        """Click the link that has this name."""
        return await self.open(next(link for link in self.page.all("a") if name in link.name)["href"])

    async def press(self, button: str, **fields: str | list[str]) -> PlainBrowser:
        """Fill the button's form, with what it holds already, and send it."""
        pressed = next(found for found in self.page.all("button") if button in found.name)
        form = _form_of(pressed)
        values: dict[str, str | list[str]] = {**_filled(form), **fields}
        if pressed.get("name"):
            values[pressed["name"]] = _with(values.get(pressed["name"]), pressed.get("value"))
        values = {name: value for name, value in values.items() if value is not None}
        url = urljoin(str(self.answer.url), pressed.get("formaction") or form.get("action"))
        if form.get("method", "get") == "get":
            return self._show(await self.client.get(url, params=values, follow_redirects=True))
        headers = {"Referer": str(self.answer.url)}
        return self._show(await self.client.post(url, data=values, headers=headers, follow_redirects=True))

    def _show(self, answer: httpx.Response) -> PlainBrowser:
        self.answer, self.page = answer, read_html(answer.text)
        return self


def _form_of(button: Element) -> Element:
    above: Element | None = button
    while above is not None and above.tag != "form":
        above = above.parent
    assert above is not None, f"{button.name} stands in no form"
    return above


def _filled(form: Element) -> dict[str, str | list[str]]:
    """Return what the form would send untouched; a list for a name that comes more than once."""
    values: dict[str, str | list[str]] = {}
    for field in form.all("input"):
        is_off = field.get("type") in ("checkbox", "radio") and "checked" not in field.attributes
        if field.get("name") and not is_off:
            values[field["name"]] = _with(values.get(field["name"]), field.get("value"))
    for field in form.all("textarea"):
        values[field["name"]] = "".join(child for child in field.children if isinstance(child, str))
    for field in form.all("select"):
        chosen = [option for option in field.all("option") if "selected" in option.attributes]
        values[field["name"]] = (chosen or field.all("option"))[0]["value"]
    return values


def _with(before: str | list[str] | None, value: str) -> str | list[str]:
    """Return what is sent under a name, with one value more."""
    if before is None:
        return value
    return [*([before] if isinstance(before, str) else before), value]


async def window_of(cast: Cast, member: Member) -> PlainBrowser:
    """Return a window in which the member is signed in; forms must bring their own token."""
    client = await cast.sign_in(member)
    del client.headers["X-CSRFToken"]
    return PlainBrowser(client)
