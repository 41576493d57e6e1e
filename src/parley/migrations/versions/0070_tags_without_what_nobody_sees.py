"""tags lose what nobody sees, so that equal-looking ones are equal"""

from parley.kernel.text.forms import BRAILLE_BLANK, normal_name, normalized
from parley.kernel.text.unseen import without_unseen
from parley.migrations.stored_tags import rewrite_tags

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rewrite()


def rewrite() -> None:
    """Bring the tags into this form; safe to run again."""
    rewrite_tags(seen_only)


def seen_only(tag: str) -> str:
    """Return a tag as it was stored from this revision on; later ones have changed the form."""
    seen = without_unseen(normalized("NFC", tag)).replace(BRAILLE_BLANK, " ")
    return normalized("NFC", normal_name(seen).lower())
