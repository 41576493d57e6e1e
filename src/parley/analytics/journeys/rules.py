"""Which step of a journey is asked for."""

from collections.abc import Mapping

from parley.analytics.journeys.errors import no_boolean
from parley.kernel.errors import Invalid

MOST_DIGITS = 4


def step_asked(query: Mapping[str, str]) -> tuple[int, bool | None]:
    """Return `step`, and `converted` (None where it is missing or empty); raises Invalid."""
    text, converted = query.get("step", ""), query.get("converted", "")
    if not text:
        raise Invalid("This field is required.", code="required", attr="step")
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise Invalid("A valid integer is required.", attr="step")
    if converted not in ("", "true", "false"):
        raise no_boolean("converted")
    return int(text), converted == "true" if converted else None
