"""A module is named after what is in it; the names below fit everything and become drawers."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tools.lint.source import Finding, Module

NAME = "names"
DRAWERS = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def check(module: Module) -> Iterator[Finding]:
    """Yield a finding when the file or a folder on its path has a name that says nothing."""
    for part in PurePosixPath(module.path).with_suffix("").parts:
        if part in DRAWERS:
            yield Finding(
                module.path, 1, NAME, f"`{part}` says nothing; name the module after what is in it."
            )
