"""Operations of a PATCH (RFC 7644, section 3.5.2) as Okta, Entra and others write them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from parley.accounts.scim_messages.errors import InvalidOperation
from parley.accounts.scim_messages.rules.filters import MULTIPLE, attribute_of
from parley.accounts.scim_messages.rules.values import lowered

if TYPE_CHECKING:
    from scim2_models.path import FilterNode

MAX_PATH_LENGTH = 4000
MAX_OPERATIONS = 1000
OPERATIONS = ("add", "replace", "remove")


class Selected(msgspec.Struct, frozen=True):
    """One comparison of a selection: `type eq "work"` in `emails[type eq "work"]`."""

    attribute: str
    value: str


class PatchTarget(msgspec.Struct, frozen=True):
    """What an operation is about: an attribute in lower case, and which of its values where a path selects some."""

    attribute: str
    selection: tuple[Selected, ...] | None = None


class PatchOperation(msgspec.Struct, frozen=True):
    """`op` in lower case; the target is None for an attribute of another schema, which is left alone."""

    op: str
    target: PatchTarget | None
    value: Any = None
    has_value: bool = True


def operations_of(body: Any) -> Iterator[PatchOperation]:
    """Yield the operations in their order, one for each attribute; raises InvalidOperation and InvalidResource."""
    found = lowered(body).get("operations")
    if not isinstance(found, list) or not found:
        raise InvalidOperation("Operations must be a list of operations.")
    if len(found) > MAX_OPERATIONS:
        raise InvalidOperation(f"There may be no more than {MAX_OPERATIONS} operations.")
    for one in found:
        fields = lowered(one)
        op = str(fields.get("op", "")).lower()
        if op not in OPERATIONS:
            raise InvalidOperation("op must be add, replace or remove.")
        path = fields.get("path")
        if path is None or path == "":
            yield from _without_path(op, fields.get("value"))
        else:
            yield PatchOperation(op, target_of(path), fields.get("value"), has_value="value" in fields)


def _without_path(op: str, value: Any) -> Iterator[PatchOperation]:
    """Yield an operation for each attribute of the value; names may have dots and selections, as Entra writes them."""
    if op == "remove" or not isinstance(value, dict):
        raise InvalidOperation("An operation without path needs an object of attributes as its value.")
    for name, item in value.items():
        if str(name).lower() not in ("schemas", "id", "meta"):
            yield PatchOperation(op, target_of(name), item)


def target_of(path: Any) -> PatchTarget | None:
    """Return what a path names; None for an attribute that isn't of users or groups. Raises InvalidOperation."""
    from scim2_models import InvalidPathException, Path
    from scim2_models.path import AttrPath, ValuePath

    if not isinstance(path, str) or len(path) > MAX_PATH_LENGTH:
        raise InvalidOperation("path must be a text that names an attribute.")
    try:
        node = Path(path.strip()).ast
    except InvalidPathException as error:
        raise InvalidOperation("path can't be read.") from error
    if node is None:
        return None  # a schema as a whole
    if isinstance(node, AttrPath):
        found = attribute_of(node)
        is_bare = found is not None and node.sub_attr is None and node.attr.lower() in MULTIPLE
        return PatchTarget(node.attr.lower() if is_bare else found) if found else None
    if not isinstance(node, ValuePath):
        raise InvalidOperation("path must name an attribute.")
    found = attribute_of(node.attr_path)
    if found is None or node.attr_path.attr.lower() not in MULTIPLE:
        return None
    name = node.attr_path.attr.lower()
    attribute = f"{name}.{node.sub_attr.lower()}" if node.sub_attr else name
    return PatchTarget(attribute, tuple(_selected(node.val_filter)))


def _selected(node: "FilterNode") -> Iterator[Selected]:
    from scim2_models.path import Comparison, LogicalExpr

    if isinstance(node, LogicalExpr):
        for term in node.terms:
            yield from _selected(term)
    elif isinstance(node, Comparison) and node.op.value == "eq" and node.value is not None:
        value = node.value
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield Selected(node.attr_path.attr.lower(), text)
    else:
        raise InvalidOperation("A selection in a path may only compare by eq.")
