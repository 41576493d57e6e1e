"""Time zones by their names."""

from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from parley.kernel.errors import Invalid

NO_PLACES = frozenset(("Factory", "localtime", "posixrules"))
"""Files beside the zones: their times depend on the machine, or are no times at all."""


@cache
def time_zone_names() -> frozenset[str]:
    """Return the names that the IANA database has here."""
    return frozenset({*available_timezones(), "UTC"} - NO_PLACES)


def check_time_zone(name: str, *, attr: str = "timezone") -> str:
    """Return the name; raises Invalid unless the IANA database has it."""
    if name not in time_zone_names():
        said = (
            f'"{name[:100]}" is no time zone that is known here. Give one by its name, such as Europe/Berlin.'
        )
        raise Invalid(said, code="invalid_choice", attr=attr)
    return name


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Return a time zone; a name that this machine doesn't know is UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
