"""Request bodies: JSON, form and multipart read alike into a msgspec struct, with the error codes of the wire format.

Only the first problem is reported, in the order of the struct's fields (docs/wire/requests.md#errors, #bodies). Unknown
fields are ignored. Text that spells a number or a boolean passes for one, since forms know nothing else.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import parse_qsl

import msgspec
from multipart import MultipartError, MultipartParser, parse_options_header

from parley.kernel.errors import AppError, Invalid, ParseFailed, TooLarge, UnsupportedMediaType
from parley.kernel.http.problems import problem
from parley.kernel.text.forms import normal_name, trimmed
from parley.kernel.text.json_text import repaired_json, strict_json

S = TypeVar("S", bound=msgspec.Struct)

NUL = "\x00"
MAX_FORM_PARTS = 1000
MAX_FORM_BYTES = 256 * 1024
"""Forms are read by Python code, which takes far longer for a byte than JSON does."""
NAME = {"trim": True, "name": True}
"""`Meta(extra=NAME)` on a text field gives it the form of names (kernel/text/forms.py) before anything else is checked."""
TRIM = {"trim": True}
"""`Meta(extra=TRIM)` on a text field takes white space off both ends before anything else is checked."""
WRONG_INSTANT = "Datetime has wrong format. Use ISO 8601, such as 2026-01-31T12:00:00Z."
NOT_AN_OBJECT = "Invalid data. Expected a dictionary."


class FormValues(list[str]):
    """What a form says under one name, as often as it says it; never empty."""


def parse(raw: bytes, content_type: str, *, repairs: bool = False) -> dict[str, Any]:
    """Return the body as an object of fields; an empty body is an empty object. Of a form the last value of a name counts.

    What no database stores (NUL characters, half surrogate pairs, broken UTF-8, numbers that no JSON has) is refused;
    where `repairs` says so it is repaired, except that each field decides for itself what becomes of a NUL in it.
    Raises ParseFailed, UnsupportedMediaType, TooLarge, or Invalid.
    """
    fields = parse_all(raw, content_type, repairs=repairs)
    return {name: value[-1] if isinstance(value, FormValues) else value for name, value in fields.items()}


def parse_all(raw: bytes, content_type: str, *, repairs: bool = False) -> dict[str, Any]:
    """Return the body as `parse` does, but of a form everything that it says: FormValues."""
    if not raw.strip():
        return {}
    kind = content_type.split(";", 1)[0].strip().lower()
    errors = "replace" if repairs else "strict"
    if kind in ("", "application/json", "text/plain") or kind.endswith("+json"):
        found = repaired_json(raw, nul=NUL) if repairs else strict_json(raw)
    elif kind == "application/x-www-form-urlencoded":
        found = _parse_form(raw, errors)
    elif kind == "multipart/form-data":
        found = _parse_multipart(raw, content_type, errors)
    else:
        raise UnsupportedMediaType(kind[:100])
    if not isinstance(found, dict):
        raise Invalid(NOT_AN_OBJECT)
    if not repairs and (b"\x00" in raw or b"\\u0000" in raw or b"%00" in raw):
        refuse_nul(found)
    return found


def _parse_form(raw: bytes, errors: str) -> dict[str, Any]:
    _check_form(raw)
    try:
        pairs = parse_qsl(
            raw.decode("utf-8", errors), keep_blank_values=True, errors=errors, max_num_fields=MAX_FORM_PARTS
        )
    except ValueError as error:
        raise ParseFailed("The form is not valid UTF-8, or has too many fields.") from error
    return _by_name(pairs)


def _parse_multipart(raw: bytes, content_type: str, errors: str) -> dict[str, Any]:
    _check_form(raw)
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary:
        raise ParseFailed("Multipart form parse error - Invalid boundary in multipart.")
    try:
        parser = MultipartParser(BytesIO(raw), boundary, part_limit=MAX_FORM_PARTS, memory_limit=len(raw) + 1)
        return _by_name((part.name, part.raw.decode("utf-8", errors)) for part in parser if not part.filename)
    except (MultipartError, UnicodeDecodeError, ValueError) as error:
        raise ParseFailed("Multipart form parse error.") from error


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, FormValues] = {}
    for name, value in pairs:
        found.setdefault(name, FormValues()).append(value)
    return found


def _check_form(raw: bytes) -> None:
    if len(raw) > MAX_FORM_BYTES:
        raise TooLarge


def refuse_nul(fields: dict[str, Any]) -> None:
    """Raise Invalid on the first field that holds a NUL character, which PostgreSQL can't store."""
    for name, value in fields.items():
        if _holds_nul(value):
            raise Invalid(
                "Null characters are not allowed.", code="null_characters_not_allowed", attr=name[:100]
            )


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return False


@lru_cache(maxsize=512)
def _fields(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(struct)


def read(struct: type[S], fields: dict[str, Any]) -> S:
    """Return the struct made from the fields; raises Invalid for the first field at fault, in declaration order."""
    values: dict[str, Any] = {}
    for field in _fields(struct):
        if field.encode_name in fields:
            values[field.name] = _convert(field, fields[field.encode_name])
        elif field.required:
            raise Invalid("This field is required.", code="required", attr=field.encode_name)
    return struct(**values)


def _convert(field: msgspec.structs.FieldInfo, value: Any) -> Any:
    if isinstance(value, FormValues):
        return _convert(field, _form_value(field.type, value))
    if isinstance(value, str) and _has_mark(field.type, "trim"):
        value = normal_name(value) if _has_mark(field.type, "name") else trimmed(value)
    if datetime in _members(field.type) and value not in (None, ""):
        return _instant(value, field.encode_name)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _is_text(field.type):
        value = str(value)
    elif isinstance(value, str) and value[:1] in "[{" and value and not _is_text(field.type):
        # A form can only carry lists and objects as JSON text.
        value = _maybe_json(value)
        refuse_nul({field.encode_name: value})
    elif (
        value == "" and _accepts_null(field.type) and not _is_text(field.type) and not _is_choice(field.type)
    ):
        value = None
    try:
        return msgspec.convert(value, field.type, strict=False)
    except msgspec.ValidationError as error:
        raise problem(field.type, value, field.encode_name) from error


def _form_value(annotation: Any, values: FormValues) -> Any:
    """Return what a form means: a list by one name many times or by JSON text, no value by an empty one."""
    last = values[-1]
    if last == "" and _accepts_null(annotation) and not _is_text(annotation):
        return None
    if list not in _members(annotation) or (len(values) == 1 and last[:1] == "["):
        return last
    return [value for value in values if value != ""]


def _instant(value: Any, name: str) -> datetime:
    """Read ISO 8601; without an offset it is UTC. msgspec alone would take "2026" for seconds since 1970."""
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid(WRONG_INSTANT, attr=name) from error


@lru_cache(maxsize=1024)
def _has_mark(annotation: Any, name: str) -> bool:
    waiting = [annotation]
    while waiting:
        item = waiting.pop()
        marks = getattr(item, "__metadata__", ())
        if any((getattr(mark, "extra", None) or {}).get(name) for mark in marks):
            return True
        waiting.extend(get_args(item))
    return False


def _maybe_json(value: str) -> Any:
    try:
        return strict_json(value.encode())
    except AppError:
        return value


@lru_cache(maxsize=1024)
def _members(annotation: Any) -> frozenset[Any]:
    found: set[Any] = set()
    waiting = [annotation]
    while waiting:
        item = waiting.pop()
        arguments = get_args(item)
        origin = getattr(item, "__origin__", None)
        if hasattr(item, "__metadata__"):
            waiting.append(origin)
        elif (arguments and origin is None) or (arguments and str(origin) == "typing.Union"):  # X | Y
            waiting.extend(arguments)
        else:
            found.add(origin or item)
    return frozenset(found)


def _is_text(annotation: Any) -> bool:
    return str in _members(annotation)


def _is_choice(annotation: Any) -> bool:
    return Literal in _members(annotation)


def _accepts_null(annotation: Any) -> bool:
    return type(None) in _members(annotation)
