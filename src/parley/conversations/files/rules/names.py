"""Names of files, made harmless before anything looks at them. No name is ever a part of a path or a key."""

import re
import unicodedata

from parley.kernel.text.forms import ignored, normalized

UNNAMED = "unnamed"
LONGEST, LONGEST_SUFFIX, LONGEST_GIVEN = 200, 20, 4000
SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f8]")
SPECIAL = re.compile(r'[<>:"|?*]')
"""What Windows doesn't allow in a name; `:` would also name a stream of another file."""
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$)(\.|$)", re.IGNORECASE)
"""Names of devices on Windows, with any suffix."""
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def cleaned_name(given: str) -> str:
    """Return a name that is safe to show and to save under, at most 200 characters; it is the same when cleaned again.

    Look-alikes of dots and slashes become those first (NFKC), and characters that nobody sees, or that turn the direction
    of reading, go. Then only what stands behind the last slash is left, without dots and spaces around it.
    """
    plain = normalized("NFKC", given[:LONGEST_GIVEN].translate(ignored()))
    seen = "".join(one for one in plain if unicodedata.category(one) not in HIDDEN)
    parts = [part for part in (one.strip(" .") for one in SEPARATORS.split(seen)) if part]
    name = SPECIAL.sub("_", " ".join(parts[-1].split())) if parts else UNNAMED
    if RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name) or UNNAMED


def suffix_of(name: str) -> str:
    """Return what stands behind the last dot of a name, in lower case; empty where that is no suffix."""
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem and suffix.isalnum() and len(suffix) <= LONGEST_SUFFIX else ""


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    suffix = suffix_of(name)
    if not suffix:
        return name[:LONGEST].strip(" .")
    suffix = name[-len(suffix) - 1 :]
    return name[: LONGEST - len(suffix)].strip(" .") + suffix
