"""How somebody likes their inbox; a cookie keeps it, since it is about a screen more than about a person."""

from typing import Literal

import msgspec
from litestar.datastructures import Cookie

from parley.kernel.http.authorization import Connection
from parley.kernel.http.cookies import cookie, cookie_value

COOKIE = "parley_inbox"
LASTS_S = 365 * 24 * 3600


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """How the list looks, how wide the sections are, and what is shown once a conversation is resolved."""

    density: Literal["roomy", "compact"] = "roomy"
    rail: Literal["wide", "narrow"] = "wide"
    after_resolving: Literal["next", "stay"] = "next"


def preferences_of(connection: Connection) -> Preferences:
    """Return what the browser keeps; what can't be read of it is as it is at first."""
    names = Preferences.__struct_fields__
    kept = dict(zip(names, (cookie_value(connection, COOKIE) or "").split("."), strict=False))
    found = Preferences()
    for name, value in kept.items():
        try:
            found = msgspec.convert({**msgspec.structs.asdict(found), name: value}, Preferences)
        except msgspec.ValidationError:
            continue
    return found


def kept_by(connection: Connection, preferences: Preferences) -> Cookie:
    """Return the cookie that keeps them."""
    return cookie(COOKIE, ".".join(msgspec.structs.astuple(preferences)), connection, lasts_s=LASTS_S)
