"""Signing in on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from parley.kernel.http.body import TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH
from parley.kernel.openapi.documented import documented

ENTRY = documented(errors={403: "Another site's page sent this.", 429: "Too many failures."})

SECOND_STEP = documented(
    errors={
        401: "A code is wanted, too (`2fa_required`).",
        403: "Another site's page sent this.",
        429: "Too many failures.",
    }
)


class Login(msgspec.Struct, frozen=True):
    """Who wants to sign in."""

    email: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]
    password: Annotated[str, Meta(min_length=1, max_length=4096)]


class ProofOfIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """How a caller proves once more who they are: by the password, or by a code where they have a second factor."""

    password: Annotated[str, Meta(max_length=4096)] = ""
    token: Annotated[str, Meta(max_length=100)] = ""


class Success(msgspec.Struct, frozen=True):
    """It worked."""

    success: bool = True
