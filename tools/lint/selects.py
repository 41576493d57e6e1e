"""A feature's SELECTs stand in its queries, where each names its purpose and the index that serves it."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Module, dotted

NAME = "selects"
SELECTS = {"select", "sa.select", "sqlalchemy.select"}


def check(module: Module) -> Iterator[Finding]:
    """Yield each `select(...)` outside `queries`."""
    if not module.is_source or module.parts[0] == "kernel" or module.role == "queries":
        return
    if not imports_sqlalchemy(module):
        return
    for call in module.calls:
        if dotted(call.func) in SELECTS:
            yield module.find(call, NAME, "This SELECT belongs into the feature's queries.")


def imports_sqlalchemy(module: Module) -> bool:
    """Say whether this file gets its `select` from SQLAlchemy, and not from the standard library."""
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            return True
        if isinstance(node, ast.Import) and any(alias.name == "sqlalchemy" for alias in node.names):
            return True
    return False
