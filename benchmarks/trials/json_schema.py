"""`python -m benchmarks.trials.json_schema`: our JSON Schemas beside `msgspec.json.schema_components`, type by type."""

from collections import Counter
from collections.abc import Iterator
from time import perf_counter
from typing import Any
from unittest.mock import patch

import msgspec

from parley.kernel.openapi import document
from parley.kernel.openapi.types import Components
from parley.main import collected_handlers

PREFIX = "#/components/schemas/"


class Kept(Components):
    """The components of the document, which remain to be looked at."""

    made: "Kept"

    def __init__(self) -> None:
        super().__init__()
        Kept.made = self


def theirs(structs: list[Any], names: list[str]) -> dict[str, Any]:
    """Return msgspec's schemas by our names, without the texts."""
    found, components = msgspec.json.schema_components(structs, ref_template=PREFIX + "{name}")
    ours = {one["$ref"]: PREFIX + name for one, name in zip(found, names, strict=True)}
    schemas = (components[one["$ref"].removeprefix(PREFIX)] for one in found)
    return {name: bare(schema, ours) for name, schema in zip(names, schemas, strict=True)}


def bare(schema: Any, names: dict[str, str]) -> Any:
    """Return a schema without titles and descriptions, with references renamed."""
    if isinstance(schema, dict):
        return {
            key: bare(value, names) for key, value in schema.items() if key not in ("title", "description")
        }
    if isinstance(schema, list):
        return [bare(value, names) for value in schema]
    return names.get(schema, schema) if isinstance(schema, str) else schema


def differences(ours: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """Name what the two say differently about one struct."""
    if set(ours.get("required", ())) != set(other.get("required", ())):
        yield "which fields are required"
    for name, field in ours["properties"].items():
        found = other["properties"][name]
        without = [{key: value for key, value in one.items() if key != "default"} for one in (field, found)]
        if without[0] != without[1]:
            is_format = str(without[0]).replace(", 'format': 'date-time'", "") == str(without[1])
            yield "a date-time is any text" if is_format else f"another shape ({name})"
        elif field != found:
            yield "a default of null, or one in an answer"


def main() -> None:
    handlers = collected_handlers()
    with patch.object(document, "Components", Kept):
        document.document(handlers, "0")
    began = perf_counter()
    document.document(handlers, "0")
    print(f"the whole document, ours: {(perf_counter() - began) * 1000:.0f} ms")
    counts: Counter[str] = Counter()
    for written in (False, True):
        named = {name: struct for (struct, way), name in Kept.made._names.items() if way == written}
        began = perf_counter()
        schemas = theirs(list(named.values()), list(named))
        print(f"{len(named)} structs, written={written}, msgspec: {(perf_counter() - began) * 1000:.0f} ms")
        for name, schema in schemas.items():
            found = Counter(differences(bare(Kept.made.schemas[name], {}), schema))
            counts += found
            counts["structs that are equal" if not found else "structs that differ"] += 1
    for what, count in counts.most_common():
        print(f"{count:>5} {what}")


if __name__ == "__main__":
    main()
