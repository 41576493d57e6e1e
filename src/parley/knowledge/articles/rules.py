"""What is decided about articles: their states, their slugs, and what search finds them by."""

import re
from collections.abc import Sequence
from typing import Literal

from parley.kernel.text.forms import folded, normalized

State = Literal["draft", "published"]

MAX_CONTENT = 50_000
MAX_TAGS = 20
SLUG_LENGTH = 80
"""So long a slug of a title is; the column leaves room for what makes it unique."""
OTHER = re.compile(r"[^a-z0-9]+")
SLUG_TAKEN = "There is already an article with this slug."


def slug_of(title: str) -> str:
    """Return what stands for a title in a path: small letters, digits and hyphens."""
    plain = normalized("NFKD", title).encode("ascii", "ignore").decode().lower()
    return OTHER.sub("-", plain).strip("-")[:SLUG_LENGTH].strip("-") or "article"


def searched_words(title: str, tags: Sequence[str], content: str) -> str:
    """Return the folded text in which a search looks for its words."""
    return folded(" ".join((title, *tags, content)))
