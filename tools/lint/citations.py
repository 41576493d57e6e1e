"""Whoever has the repository has every page that it cites: a rule stands in `docs/`, or in a public standard."""

import re
from collections.abc import Iterator

from tools.lint.source import Finding, Module

NAME = "citations"
ELSEWHERE = re.compile(
    r"(?<![\w/])(?:core|conversations)\.md|\b[Ss]pecificatio[n]s?\b|\bspec/|\s\([0-9]\.[0-9]{1,2}\)"
)
ANY_SECTION = re.compile(r"\bsections? [0-9]")
SECTION = re.compile(rf"(.{{0,20}}){ANY_SECTION.pattern}")
STANDARDS = ("RFC ", "UAX ", "WHATWG ", "libpq")


def check(module: Module) -> Iterator[Finding]:
    """Yield each citation of a page that isn't in the repository."""
    if not (ELSEWHERE.search(module.text) or ANY_SECTION.search(module.text)):
        return  # as in nearly all files; their lines one by one take ten times as long
    for number, line in enumerate(module.text.splitlines(), start=1):
        section = SECTION.search(line)
        is_private = section is not None and not any(name in section.group(1) for name in STANDARDS)
        if is_private or ELSEWHERE.search(line):
            text = "No reader has this page; cite one in `docs/` with its anchor, or a public standard."
            yield Finding(module.path, number, NAME, text)
