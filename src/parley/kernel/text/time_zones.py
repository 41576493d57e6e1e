"""Names of time zones."""

from functools import cache
from zoneinfo import available_timezones

from parley.kernel.errors import Invalid

NO_PLACES = frozenset(("Factory", "localtime", "posixrules"))
"""Files beside the zones: their times depend on the machine, or are no times at all."""


@cache
def _known() -> frozenset[str]:
    return frozenset({*available_timezones(), "UTC"} - NO_PLACES)


def check_time_zone(name: str, *, attr: str = "timezone") -> str:
    """Return the name; raises Invalid unless the IANA database has it."""
    if name not in _known():
        raise Invalid(f'"{name}" is not a valid choice.', code="invalid_choice", attr=attr)
    return name
