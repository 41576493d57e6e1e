"""Every endpoint says who may enter, on the handler itself, so that none is left open by forgetting."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Function, Module, last_name

NAME = "guards"
ENDPOINTS = {"routes", "pages"}
MARKERS = {
    "needs",
    "needs_in_named_project",
    "needs_or_shared",
    "session_only",
    "signed_in",
    "public",
    "page_session",
    "page_user",
    "page_public",
    "scim_token",
    "bearer_only",
}
# Decorators that make no handler of what they decorate.
PLAIN_DECORATORS = {"lru_cache", "wraps", "dataclass"}


def check(module: Module) -> Iterator[Finding]:
    """Yield each handler whose decorator names no guard."""
    if not module.is_source or module.role not in ENDPOINTS:
        return
    named = named_guards(module.tree.body)
    for body in [
        module.tree.body,
        *(node.body for node in module.tree.body if isinstance(node, ast.ClassDef)),
    ]:
        of_class = "guards" in named_guards(body) and body is not module.tree.body
        for function in body:
            for endpoint in handler_decorators(function):
                if not of_class and not is_guarded(endpoint, named):
                    text = "This handler needs guards=[needs(...)], [session_only], [signed_in] or [public]."
                    yield module.find(endpoint, NAME, text, last_name(endpoint.func))


def handler_decorators(node: ast.stmt) -> list[ast.Call]:
    """Return the decorators with arguments: in the file of a endpoint, each makes a handler."""
    if not isinstance(node, Function):
        return []
    calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return [call for call in calls if last_name(call.func) not in PLAIN_DECORATORS]


def is_guarded(endpoint: ast.Call, named: set[str]) -> bool:
    """Say whether the decorator's `guards` hold a marker, directly or under a name of this file."""
    for keyword in endpoint.keywords:
        if keyword.arg == "guards":
            return holds_marker(keyword.value) or last_name(keyword.value) in named
    return False


def named_guards(body: list[ast.stmt]) -> set[str]:
    """Return the names that are bound to a list with a marker in it."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.Assign) and holds_marker(node.value):
            names |= {last_name(target) for target in node.targets}
        if isinstance(node, ast.AnnAssign) and node.value is not None and holds_marker(node.value):
            names.add(last_name(node.target))
    return names


def holds_marker(value: ast.expr) -> bool:
    """Say whether this is a list or tuple with one of the markers in it."""
    if not isinstance(value, ast.List | ast.Tuple):
        return False
    items = [item.func if isinstance(item, ast.Call) else item for item in value.elts]
    return any(last_name(item) in MARKERS for item in items)
