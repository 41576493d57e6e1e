"""Whoever has the repository has every page that it cites: a rule stands in `docs/`, or in a public standard."""

import re
from collections.abc import Iterator

from tools.lint.source import Finding, Module

NAME = "citations"
ELSEWHERE = re.compile(
    r"(?<![\w/])(?:core|conversations)\.md|\b[Ss]pecificatio[n]s?\b|\bspec/|\s\([0-9]\.[0-9]{1,2}\)"
)
SECTION = re.compile(r"(.{0,20})\bsections? [0-9]")
STANDARDS = ("RFC ", "UAX ", "WHATWG ", "libpq")


def check(module: Module) -> Iterator[Finding]:
    """Yield each citation of a page that isn't in the repository."""
    for number, line in enumerate(module.text.splitlines(), start=1):
        section = SECTION.search(line)
        is_private = section is not None and not any(name in section.group(1) for name in STANDARDS)
        if is_private or ELSEWHERE.search(line):
            text = "No reader has this page; cite one in `docs/` with its anchor, or a public standard."
            yield Finding(module.path, number, NAME, text)
