"""Tokens that the server signs for itself: a JWT (RFC 7519) with the fields of a struct, for one audience, until a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

ALGORITHM = "HS256"
MAX_LENGTH = 2000
T = TypeVar("T", bound=msgspec.Struct)


def signed_token(key: str, audience: str, claims: msgspec.Struct, until: datetime) -> str:
    """Return a token that says this until then."""
    import jwt  # needed by few requests, so not at the start

    registered = {"aud": audience, "exp": int(until.timestamp())}
    return jwt.encode({**msgspec.structs.asdict(claims), **registered}, key, algorithm=ALGORITHM)


def read_signed_token(
    keys: Sequence[str], audience: str, token: str | None, kind: type[T], now: datetime
) -> T | None:
    """Return what a token says that one of these keys has signed.

    None for one that is no JWT of ours, is meant for something else, or is over.
    """
    if not token or len(token) > MAX_LENGTH:
        return None
    import jwt

    # The time is compared here, by the clock of the services.
    options: Any = {"require": ["aud", "exp", *kind.__struct_fields__], "verify_exp": False}
    for key in keys:
        try:
            claims = jwt.decode(token, key, algorithms=[ALGORITHM], audience=audience, options=options)
            is_over = float(claims["exp"]) <= now.timestamp()
            return None if is_over else msgspec.convert(claims, kind)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, msgspec.ValidationError, TypeError, ValueError):
            return None
    return None
