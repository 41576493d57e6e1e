"""The scripts of a page share one scope: of two with the same name in it the second doesn't run, and nothing says so."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.lint.source import Finding

NAME = "page-scripts"
SCRIPTS = "src/parley/web/assets"
FRAME = "recording-"
"""Scripts of these names run in a frame, which is a page of its own."""
DECLARED = re.compile(
    r"^(?:async function\*?|function\*?|class|const|let|var)\s+(\{[^}]*\}|\[[^\]]*\]|[^=({;]+)", re.MULTILINE
)
IS_MODULE = re.compile(r"^(?:import|export)\b(?!\()", re.MULTILINE)
LOADED_AS_MODULE = re.compile(r"""type="module" src="\{\{ asset_url\('([^']+)'\)""")


def check_all(root: Path) -> Iterator[Finding]:
    """Yield each name that two scripts of pages declare outside of functions."""
    templates = (root / "src" / "parley").rglob("templates/**/*.html")
    modules = {name for path in templates for name in LOADED_AS_MODULE.findall(path.read_text())}
    texts = {path.name: path.read_text() for path in sorted((root / SCRIPTS).glob("*.js"))}
    yield from check_scripts({name: text for name, text in texts.items() if name not in modules})


def check_scripts(texts: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each name that two of these scripts declare, by name of the file; modules have scopes of their own."""
    first: dict[tuple[bool, str], tuple[str, int]] = {}
    for file, text in texts.items():
        if IS_MODULE.search(text):
            continue
        for name, line in declared(text):
            other = first.setdefault((file.startswith(FRAME), name), (file, line))
            if other != (file, line):
                said = f"`{name}` is declared in {other[0]}, too: whichever comes second doesn't run."
                yield Finding(f"{SCRIPTS}/{file}", line, NAME, said)


def declared(text: str) -> Iterator[tuple[str, int]]:
    """Yield the names that a script declares at the beginning of a line, which is outside of functions, with their lines."""
    for found in DECLARED.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        for part in found[1].strip("{}[] \n").split(","):
            name = part.partition("=")[0].rpartition(":")[2].strip(" .\n")
            if name:
                yield name, line
