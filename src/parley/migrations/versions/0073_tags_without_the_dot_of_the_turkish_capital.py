"""tags lose the dot that lower case leaves of the Turkish capital, so that equal-looking ones are equal"""

import re

from parley.kernel.text.forms import normalized
from parley.migrations.stored_tags import rewrite_tags

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

DOTS = re.compile("i\u0307+")


def upgrade() -> None:
    rewrite()


def rewrite() -> None:
    """Bring the tags into this form; safe to run again."""
    rewrite_tags(without_dots)


def without_dots(tag: str) -> str:
    """Return a tag, which is in the form of revision 0070, without the dots that an `i` has on top of its own."""
    return normalized("NFC", DOTS.sub("i", tag))
