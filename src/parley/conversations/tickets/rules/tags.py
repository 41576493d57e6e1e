"""Tags as they are stored."""

from collections.abc import Sequence

from parley.kernel.errors import too_long
from parley.kernel.text.forms import normal_tag

MAX_TAGS, MAX_TAG_LENGTH = 100, 255
MAX_SENT_TAG_LENGTH = 200
"""Of a tag as a program with the secret token sends it: the wire format has less room there (docs/external.md)."""


def normalised_tags(names: Sequence[str]) -> list[str]:
    """Return tag names in their normal form, each once, sorted; blank ones left out."""
    return sorted({name for name in map(normal_tag, names) if name})


def checked_tags(names: Sequence[str], attr: str = "tags") -> list[str]:
    """Return tag names in their normal form; raises Invalid for too many and for one that is too long."""
    if len(names) > MAX_TAGS:
        raise too_long(MAX_TAGS, attr, "elements")
    check_tag_lengths(names, attr)
    return normalised_tags(names)


def check_tag_lengths(names: Sequence[str], attr: str) -> None:
    """Raise Invalid for a tag whose normal form is too long."""
    for index, name in enumerate(names):
        if len(normal_tag(name)) > MAX_TAG_LENGTH:
            raise too_long(MAX_TAG_LENGTH, f"{attr}__{index}")
