"""No two public classes of the product have one name: who searches for a name finds one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tools.lint.source import Finding, Module

NAME = "class-names"


def check_all(modules: Iterable[Module]) -> Iterator[Finding]:
    """Yield every definition but the first of a public class whose name is taken."""
    found: dict[str, list[tuple[Module, ast.ClassDef]]] = defaultdict(list)
    for module in modules:
        if module.is_source and module.parts[-1] != "conftest":
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append((module, node))
    for name, (first, *others) in sorted(found.items()):
        for module, node in others:
            text = f"`{name}` is the name of a class in {first[0].path}, too; give one of them another."
            yield module.find(node, NAME, text, name)
