"""Names that people give to things."""

from parley.kernel.errors import Invalid, blank, too_long
from parley.kernel.text.forms import normal_name


def check_name(text: str, *, most: int, attr: str = "name") -> str:
    """Return the name in its normal form; raises Invalid for a blank or over-long one."""
    name = normal_name(text)
    if not name:
        raise blank(attr)
    if len(name) > most:
        raise too_long(most, attr)
    if "\x00" in name:
        raise Invalid("Null characters are not allowed.", code="null_characters_not_allowed", attr=attr)
    return name
