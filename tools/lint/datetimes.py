"""Columns of time use the kernel's UtcDateTime: SQLite gives naive values back from SQLAlchemy's own type."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Module

NAME = "datetimes"
HOME = "src/parley/kernel/database/columns.py"
RAW_TYPES = {"DateTime", "DATETIME", "TIMESTAMP"}


def check(module: Module) -> Iterator[Finding]:
    """Yield each use of SQLAlchemy's own type for moments."""
    if not module.is_source or module.path == HOME:
        return
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            raw = RAW_TYPES & {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            raw = RAW_TYPES & {node.attr} if node.value.id in {"sa", "sqlalchemy"} else set()
        else:
            continue
        for name in sorted(raw):
            yield module.find(
                node,
                NAME,
                f"`{name}` loses the zone on SQLite; use UtcDateTime of kernel/database/columns.py.",
            )
