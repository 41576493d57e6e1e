"""Every feature's noun is in docs/glossary.md, with its place, and the glossary stays short enough to be read."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.lint.source import AREAS, Finding, Module

NAME = "glossary"
PAGE = "docs/glossary.md"
MOST_NOUNS = 60
ROW = re.compile(r"^\| \*\*(?P<noun>[^*|]+)\*\* \|(?P<meaning>[^|]+)\|(?P<place>[^|]+)\|(?P<wire>[^|]*)\|$")
# Packages without features.
NOT_FEATURES = {"kernel", "migrations", "commands", "server", "demo"}


def check_all(root: Path, modules: Iterable[Module]) -> Iterator[Finding]:
    """Yield features that the glossary lacks, places that are not there, and what is too much."""
    page = root / PAGE
    if not page.exists():
        yield Finding(PAGE, 1, NAME, "The glossary is missing.")
        return
    rows = [(number, ROW.match(line)) for number, line in enumerate(page.read_text().splitlines(), start=1)]
    nouns = [(number, row) for number, row in rows if row]
    if len(nouns) > MOST_NOUNS:
        yield Finding(PAGE, 1, NAME, f"The glossary has {len(nouns)} nouns; {MOST_NOUNS} is the most.")
    places: set[str] = set()
    explained: set[str] = set()
    for number, row in nouns:
        if row["noun"] in explained:
            yield Finding(PAGE, number, NAME, f"`{row['noun']}` is explained twice.")
        explained.add(row["noun"])
        for place in re.findall(r"`([^`]+)`", row["place"]):
            places.add(place.strip("/"))
            if not (root / "src" / "parley" / place).exists():
                yield Finding(PAGE, number, NAME, f"`{place}` is not there.")
    for feature in sorted(features(modules)):
        if not any(place == feature or place.startswith(f"{feature}/") for place in places):
            yield Finding(PAGE, 1, NAME, f"The noun of `{feature}/` is missing.")


def features(modules: Iterable[Module]) -> set[str]:
    """Return the folders of features, from the package on: `web`, `people/persons`."""
    found = {module.feature for module in modules if module.is_source and module.role}
    return {
        name.replace(".", "/")
        for name in found
        if name.split(".")[0] not in NOT_FEATURES and name not in AREAS
    }
