"""What tools take, read from the OpenAPI document: a tool's inputs are the parameters and fields of its request."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from parley.kernel.idempotency import HEADER
from parley.mcp.rules.requests import KEY_INPUT
from parley.mcp.rules.tools.tool import Tool

Schema = dict[str, Any]
PROJECT_INPUT: Schema = {
    "type": "integer",
    "description": "The project to work in, a number out of `projects-list`; without it, the caller's current one.",
}
KEY: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "description": "A text for this one call, such as a uuid. A call that is sent again with it, as when no answer came, "
    "does nothing more and gets the first answer.",
}
COMPONENTS = "#/components/schemas/"
CURSOR = "after_mark"
"""A place in a list, for programs; a tool takes `offset`."""


class Inputs(msgspec.Struct, frozen=True):
    """The JSON Schema of a tool's inputs, and where each of them goes in the request.

    `not_texts` are those in the body that are objects, lists, numbers or the like, and never a text.
    """

    schema: Schema
    path: Mapping[str, str]
    query: frozenset[str]
    body: frozenset[str]
    not_texts: frozenset[str]


def inputs_of(tool: Tool, document: Mapping[str, Any]) -> Inputs:
    """Return the inputs; raises KeyError for a tool whose request, or an input, isn't in the document."""
    operation = document["paths"][tool.path][tool.method.lower()]
    schemas = document["components"]["schemas"]
    found = list(operation.get("parameters", ()))
    path = {one["name"]: one for one in found if one["in"] == "path" and one["name"] != "project_id"}
    query = {one["name"]: one for one in found if one["in"] == "query" and one["name"] != CURSOR}
    body, needed = _body_fields(operation, schemas)
    taken = set(tool.inputs) if tool.inputs is not None else {*query, *body}
    if unknown := taken - {*query, *body}:
        raise KeyError(f"{tool.name} takes {sorted(unknown)}, which its request does not have.")
    names = {name: tool.names.get(name, name) for name in path}
    takes_key = any(one["in"] == "header" and one["name"].lower() == HEADER for one in found)
    properties = {
        **{names[name]: _described(one) for name, one in path.items()},
        **{name: _described(one) for name, one in query.items() if name in taken},
        **{name: schema for name, schema in body.items() if name in taken},
        "project_id": PROJECT_INPUT,
        **({KEY_INPUT: KEY} if takes_key and not tool.reads_only else {}),
    }
    return Inputs(
        schema=_whole(properties, [*names.values(), *(name for name in needed if name in taken)], schemas),
        path=names,
        query=frozenset(taken & set(query)),
        body=frozenset(taken & set(body)),
        not_texts=frozenset(name for name in taken & set(body) if not _may_be_text(body[name], schemas)),
    )


def _may_be_text(schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    if "$ref" in schema:
        return _may_be_text(schemas[schema["$ref"].removeprefix(COMPONENTS)], schemas)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return any(_may_be_text(one, schemas) for one in options)
    kinds = schema.get("type")
    if kinds is None:
        # What may be anything is mostly an object: a text that isn't JSON stays one.
        return any(isinstance(one, str) for one in schema.get("enum", [schema.get("const")]))
    return "string" in ([kinds] if isinstance(kinds, str) else kinds)


def _whole(properties: Schema, required: list[str], schemas: Mapping[str, Schema]) -> Schema:
    definitions = {name: _moved(schemas[name]) for name in _reached(properties, schemas)}
    return {
        "type": "object",
        "properties": _moved(properties),
        **({"required": required} if required else {}),
        "additionalProperties": False,
        **({"$defs": definitions} if definitions else {}),
    }


def _body_fields(operation: Schema, schemas: Mapping[str, Schema]) -> tuple[Schema, list[str]]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(COMPONENTS)]
    return dict(schema.get("properties", {})), list(schema.get("required", ()))


def _described(parameter: Schema) -> Schema:
    about = parameter.get("description")
    return {**parameter["schema"], **({"description": about} if about else {})}


def _reached(value: Any, schemas: Mapping[str, Schema]) -> Iterable[str]:
    """Return the names of all schemas that the value refers to, also through others, each once."""
    reached: dict[str, None] = {}
    waiting = list(_references(value))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = None
            waiting += _references(schemas[name])
    return reached


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.removeprefix(COMPONENTS)
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _moved(value: Any) -> Any:
    """Return the schema with references to where a tool has its definitions."""
    if isinstance(value, dict):
        return {
            name: f"#/$defs/{one.removeprefix(COMPONENTS)}" if name == "$ref" else _moved(one)
            for name, one in value.items()
        }
    return [_moved(one) for one in value] if isinstance(value, list) else value
