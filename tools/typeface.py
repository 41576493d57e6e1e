"""The typeface of the pages, Inter, as its npm package has it: a file for each group of alphabets, and rules that name them.

A browser fetches a file only when a page has a letter of its group. Which letters those are, the package says.
"""

import hashlib
import re
from pathlib import Path

# What a page in Latin letters needs; the templates name it, so that browsers fetch it early.
LATIN_FONT = "inter-latin-wght-normal.woff2"


class Typeface:
    """The package in this folder."""

    source = Path(__file__)

    def __init__(self, package: Path) -> None:
        self.package = package

    def files(self) -> dict[str, bytes]:
        """Return the files that browsers load by their names, and the licence, which has to go with them."""
        fonts = sorted(self.package.glob("files/*-wght-normal.woff2"))
        return {one.name: one.read_bytes() for one in (*fonts, self.package / "LICENSE")}

    def rules(self) -> str:
        """Return the rules that name the files, each by an address that changes with its content."""
        rules = re.sub(r"/\*.*?\*/", "", (self.package / "index.css").read_text(), flags=re.DOTALL)
        named, n_named = re.subn(r"url\(\./files/([\w-]+\.woff2)\)", self._address, rules)
        if n_named != len(self.files()) - 1 or "font-display: swap" not in named:
            raise RuntimeError("The typeface has other rules than tools/typeface.py knows.")
        return " ".join(named.split()) + "\n"

    def _address(self, name: re.Match[str]) -> str:
        version = hashlib.sha256((self.package / "files" / name[1]).read_bytes()).hexdigest()[:12]
        return f"url({name[1]}?v={version})"  # as `asset_url` of the pages makes it
