"""Other packages are used by what they offer. What begins with an underscore may change with each of their versions."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Module

NAME = "private-parts"
OURS = ("parley", "tests", "tools", "benchmarks")


def check(module: Module) -> Iterator[Finding]:
    """Yield each import of a private module or name of another package."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, *rest = name.split(".")
            if first not in OURS and any(_is_private(part) for part in (first, *rest)):
                yield module.find(node, NAME, f"`{name}` is private; an upgrade may take it away.")


def _is_private(part: str) -> bool:
    return part.startswith("_") and not part.endswith("__")
