"""What a tool shows of the API's answer: trimmed, with links to its pages, and with the text of strangers marked."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import msgspec
from msgspec import UNSET

from parley.kernel.ids import new_token
from parley.kernel.text.json_text import json_reader, read_json
from parley.kernel.text.visible import json_text
from parley.mcp.api_calls import ApiAnswer
from parley.mcp.errors import ToolProblem
from parley.mcp.rules.tools.tool import Tool
from parley.mcp.rules.untrusted import Marks

LONGEST_RESULT = 400_000
"""Characters; more than an assistant can read."""
LINK = "_posthogUrl"
"""The name that clients of PostHog's tools know."""
WARNING = "_untrusted"
PLAIN_TYPES = frozenset({type(None), bool, int, float, UUID, datetime, msgspec.UnsetType})
"""Of what nobody can say anything with."""
ID, MOMENT = UUID | int | None | msgspec.UnsetType, datetime | None | msgspec.UnsetType
TYPES: dict[str, Any] = {"id": ID, "created_at": MOMENT, "updated_at": MOMENT}
"""Of fields that nearly all objects have."""


class Result(msgspec.Struct, frozen=True):
    """The text of a result, and the name of the marks in it."""

    text: str
    marks: str


def new_marks() -> Marks:
    """Return marks that nobody can know before."""
    return Marks(new_token(length=12))


def result_of(tool: Tool, answer: ApiAnswer, site_url: str) -> Result:
    """Return what the tool shows; raises ToolProblem with the API's own sentence where it refused."""
    if answer.status >= 400:
        raise problem_of(answer)
    marks = new_marks()
    shown: Any
    if not answer.body.strip():
        shown = {WARNING: marks.warning, "done": True}
    elif tool.shows is not None:
        shown = _trimmed(tool, tool.shows, answer.body, marks, site_url)
    else:
        shown = {WARNING: marks.warning, **_shown(tool, read_json(answer.body), marks, site_url)}
    text = json_text(shown)
    if len(text) > LONGEST_RESULT:
        raise ToolProblem(
            "The answer is too long to be read here. Ask for less, such as by `limit`.", "too_large"
        )
    return Result(text, marks.name)


def _trimmed(tool: Tool, shows: tuple[str, ...], body: bytes, marks: Marks, site_url: str) -> Any:
    try:
        answer = _reader_of(shows)(body)
    except msgspec.ValidationError:  # an id or a time is not what it is elsewhere
        answer = _reader_of(shows, knows_types=False)(body)
    count, offset, is_page = answer.count, next_offset(answer.next), answer.results is not UNSET
    _finish(tool, shows, answer.results if is_page else [answer], marks, site_url)
    if is_page:
        return {WARNING: marks.warning, "count": count, "next_offset": offset, "results": answer.results}
    answer.warning, answer.count, answer.next = marks.warning, UNSET, UNSET
    return answer


@lru_cache
def _reader_of(shows: tuple[str, ...], *, knows_types: bool = True) -> Any:
    """Return what reads these fields of an object, or of the objects of a list; nothing is built of all others.

    A list of tickets is three times as long as what a tool shows of it. What is read as a uuid or a moment needs no look
    at its text. What has been read is written again as it is, since a dictionary of each object would take longer.
    """
    types = TYPES if knows_types else {}
    fields: list[Any] = [
        (f"field_{n}", types.get(name, Any), msgspec.field(default=UNSET, name=name))
        for n, name in enumerate(shows)
    ]
    link: Any = ("link", Any, msgspec.field(default=UNSET, name=LINK))
    one: Any = msgspec.defstruct("Shown", [*fields, link])
    warning: Any = ("warning", Any, msgspec.field(default=UNSET, name=WARNING))
    page: list[Any] = [("results", list[one], UNSET), ("count", Any, None), ("next", Any, None)]
    return json_reader(msgspec.defstruct("Answer", [warning, *fields, link, *page]))


def _finish(tool: Tool, shows: tuple[str, ...], objects: Iterable[Any], marks: Marks, site_url: str) -> None:
    """Mark the text of strangers in what has been read, and give each object its link."""
    team, marked = tool.team_fields, marks.marked
    texts = [(f"field_{n}", name) for n, name in enumerate(shows) if name not in team]
    link = tool.link and tool.link.format_map({name: f"{{0.field_{n}}}" for n, name in enumerate(shows)})
    for one in objects:
        for field, name in texts:
            value = getattr(one, field)
            if type(value) not in PLAIN_TYPES:
                setattr(one, field, marked(value, team, name))
        one.link = site_url + link.format(one) if link else UNSET


def _shown(tool: Tool, value: Any, marks: Marks, site_url: str) -> dict[str, Any]:
    if isinstance(value, dict) and isinstance(value.get("results"), list) and "count" in value:
        shown = [
            _fields(tool, one.items(), marks, site_url)
            if isinstance(one, dict)
            else marks.marked(one, tool.team_fields)
            for one in value["results"]
        ]
        return {"count": value["count"], "next_offset": next_offset(value.get("next")), "results": shown}
    if isinstance(value, dict):
        return _fields(tool, value.items(), marks, site_url)
    return {"results": marks.marked(value, tool.team_fields)}


def _fields(tool: Tool, fields: Iterable[tuple[str, Any]], marks: Marks, site_url: str) -> dict[str, Any]:
    team, marked = tool.team_fields, marks.marked
    shown = {
        name: one if type(one) in PLAIN_TYPES or name in team else marked(one, team, name)
        for name, one in fields
        if one is not UNSET
    }
    if tool.link:
        shown[LINK] = site_url + tool.link.format_map(defaultdict(str, shown))
    return shown


def next_offset(url: Any) -> int | None:
    """Return the offset of the next page, out of the address that the API gives; None where there is none."""
    if not isinstance(url, str):
        return None
    offset = parse_qs(urlsplit(url).query).get("offset", [""])[0]
    return int(offset) if offset.isdigit() else None


def problem_of(answer: ApiAnswer) -> ToolProblem:
    """Return the API's error as a tool says it: the sentence, the code and the field at fault."""
    try:
        body = read_json(answer.body)
    except msgspec.DecodeError:
        body = {}
    said = body if isinstance(body, dict) else {}
    detail = (
        said.get("detail") or said.get("error") or f"The request was refused with status {answer.status}."
    )
    code, attr = said.get("code"), said.get("attr")
    return ToolProblem(str(detail)[:2000], str(code) if code else None, str(attr)[:200] if attr else None)
