"""JSON Schemas of the types that bodies and answers have, as msgspec reads and writes them."""

from collections.abc import Iterable
from string import ascii_uppercase
from typing import Any, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, inspect

JsonSchema = dict[str, Any]
PLAIN: dict[type[inspect.Type], JsonSchema] = {
    inspect.AnyType: {},
    inspect.RawType: {},
    inspect.NoneType: {"type": "null"},
    inspect.BoolType: {"type": "boolean"},
    inspect.UUIDType: {"type": "string", "format": "uuid"},
    inspect.DateTimeType: {"type": "string", "format": "date-time"},
    inspect.DateType: {"type": "string", "format": "date"},
    inspect.BytesType: {"type": "string"},
}
LIMITS = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "pattern": "pattern",
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}


class Components:
    """Collects the schemas of structs under `components` and hands out references to them.

    `written` says that Parley writes the type: then every field is there, except those that may be unset. In what
    it reads, fields with a default may be missing.
    """

    def __init__(self) -> None:
        self.schemas: dict[str, JsonSchema] = {}
        self.responses: dict[str, JsonSchema] = {}
        self._names: dict[tuple[Any, bool], str] = {}

    def schema_of(self, annotation: Any, *, written: bool) -> JsonSchema:
        """Return the schema of a type; structs in it become components."""
        return self._schema(inspect.type_info(annotation), written)

    def any_of(self, annotations: Iterable[Any], *, written: bool) -> JsonSchema:
        """Return a schema that each of the types fits."""
        found = [self.schema_of(annotation, written=written) for annotation in annotations]
        return found[0] if len(found) == 1 else {"anyOf": found}

    def response(self, name: str, response: JsonSchema) -> JsonSchema:
        """Return a reference to a response that many routes share; `name` gets a letter where it is taken."""
        names = (f"{name}{letter}" for letter in ("", *ascii_uppercase))
        free = next(one for one in names if self.responses.get(one, response) == response)
        self.responses[free] = response
        return {"$ref": f"#/components/responses/{free}"}

    def _schema(self, info: inspect.Type, written: bool) -> JsonSchema:
        if type(info) in PLAIN:
            return dict(PLAIN[type(info)])
        match info:
            case inspect.Metadata(type=inner, extra_json_schema=extra):
                return {**self._schema(inner, written), **(extra or {})}
            case inspect.IntType() | inspect.FloatType():
                return {"type": "integer" if isinstance(info, inspect.IntType) else "number", **_limits(info)}
            case inspect.StrType():
                return {"type": "string", **_limits(info)}
            case inspect.LiteralType(values=values):
                return {"enum": list(values)}
            case inspect.ListType(item_type=item) | inspect.SetType(item_type=item):
                return {"type": "array", "items": self._schema(item, written), **_lengths(info, "Items")}
            case inspect.DictType(value_type=value):
                inner_schema = self._schema(value, written)
                more = {"additionalProperties": inner_schema} if inner_schema else {}
                return {"type": "object", **more, **_lengths(info, "Properties")}
            case inspect.UnionType(types=types):
                return self._union([self._schema(one, written) for one in types])
            case inspect.StructType():
                return self._reference(info, written)
        raise TypeError(f"The OpenAPI document has no words for {info!r}.")

    def _union(self, schemas: list[JsonSchema]) -> JsonSchema:
        return {} if {} in schemas else {"anyOf": schemas}

    def _reference(self, info: inspect.StructType, written: bool) -> JsonSchema:
        key = (info.cls, written)
        if key not in self._names:
            name = self._names[key] = self._free_name(info.cls, written)
            self.schemas[name] = {}  # holds the name while a struct that holds itself is read
            self.schemas[name] = self._object(info, written)
        return {"$ref": f"#/components/schemas/{self._names[key]}"}

    def _object(self, info: inspect.StructType, written: bool) -> JsonSchema:
        fields = info.fields
        properties = {field.encode_name: self._field(field, written) for field in fields}
        required = [
            field.encode_name for field in fields if field.required or (written and _has_default(field))
        ]
        about = _own_docstring(info.cls)
        return {
            "type": "object",
            **({"description": about} if about else {}),
            "properties": properties,
            **({"required": required} if required else {}),
        }

    def _field(self, field: inspect.Field, written: bool) -> JsonSchema:
        schema = self._schema(field.type, written)
        if written or field.default is NODEFAULT or field.default is None:
            return schema
        return {**schema, "default": msgspec.to_builtins(field.default)}

    def _free_name(self, struct: Any, written: bool) -> str:
        name = _name(struct)
        return name if name not in self.schemas else f"{name}{'Out' if written else 'In'}"


def _name(struct: Any) -> str:
    origin = get_origin(struct)
    if origin is None:
        return str(struct.__name__)
    return f"{origin.__name__}Of" + "And".join(_name(argument) for argument in get_args(struct))


def _own_docstring(struct: Any) -> str:
    return " ".join(((get_origin(struct) or struct).__doc__ or "").split())


def _has_default(field: inspect.Field) -> bool:
    return field.default is not NODEFAULT or field.default_factory is not NODEFAULT


def _limits(info: Any) -> JsonSchema:
    return {word: value for name, word in LIMITS.items() if (value := getattr(info, name, None)) is not None}


def _lengths(info: Any, unit: str) -> JsonSchema:
    ends = {"min_length": f"min{unit}", "max_length": f"max{unit}"}
    return {word: value for name, word in ends.items() if (value := getattr(info, name, None)) is not None}
