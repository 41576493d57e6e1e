"""What a program that nobody has verified is called on our pages."""

import unicodedata

from parley.kernel.text.forms import normal_name

MAX_NAME = 80
UNNAMED = "A program without a name"
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that show nothing, or change how what stands around them is read."""


def shown_name(text: str) -> str:
    """Return a name without what is invisible or turns text around, cut to what fits on a line."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in HIDDEN)
    name = normal_name(seen)[:MAX_NAME].strip()
    return name or UNNAMED
