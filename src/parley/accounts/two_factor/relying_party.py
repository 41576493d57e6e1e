"""What a passkey is made for, and what it has to prove (W3C Web Authentication, Level 2).

The relying party is the host of `PARLEY_SITE_URL`, and what a browser signs must name exactly that origin. The authenticator
must know its user, by a PIN or a finger: so a passkey is something that somebody has and knows.
"""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import msgspec

from parley.accounts.two_factor.rules import ISSUER
from parley.kernel.errors import Invalid

TIMEOUT_MS = 5 * 60 * 1000


class NewPasskey(msgspec.Struct, frozen=True):
    """A passkey that an authenticator has just made; both texts are base64url."""

    credential_id: str
    public_key: str
    sign_count: int
    is_backed_up: bool


def _place(site_url: str) -> tuple[str, str]:
    """Return the id of the relying party and its origin."""
    parts = urlsplit(site_url)
    return parts.hostname or "", f"{parts.scheme}://{parts.netloc}"


def refused() -> Invalid:
    """Return the error for everything that an authenticator, or who pretends to be one, gets wrong."""
    return Invalid("This passkey could not be verified. Please try again.", code="passkey_invalid")


def creation_options(
    site_url: str, *, handle: bytes, email: str, name: str, known: list[str]
) -> dict[str, Any]:
    """Return what a browser needs to make a passkey, with a new challenge; `known` are ids of those there are."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes, structs

    options = generate_registration_options(
        rp_id=_place(site_url)[0],
        rp_name=ISSUER,
        user_id=handle,
        user_name=email,
        user_display_name=name or email,
        timeout=TIMEOUT_MS,
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known
        ],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    made: dict[str, Any] = json.loads(options_to_json(options))
    return made


def request_options(site_url: str) -> dict[str, Any]:
    """Return what a browser needs to sign in with any passkey of this site, with a new challenge."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import structs

    options = generate_authentication_options(
        rp_id=_place(site_url)[0],
        timeout=TIMEOUT_MS,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    made: dict[str, Any] = json.loads(options_to_json(options))
    return {**made, "allowCredentials": []}


async def verified_registration(site_url: str, credential: dict[str, Any], challenge: str) -> NewPasskey:
    """Return the passkey that a browser has made for this challenge; raises Invalid. Computes in a thread."""
    return await asyncio.to_thread(_verified_registration, site_url, credential, challenge)


def _verified_registration(site_url: str, credential: dict[str, Any], challenge: str) -> NewPasskey:
    from webauthn import verify_registration_response
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    rp_id, origin = _place(site_url)
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, LookupError) as error:
        raise refused() from error
    return NewPasskey(
        credential_id=bytes_to_base64url(found.credential_id),
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
        is_backed_up=found.credential_backed_up,
    )


async def verified_sign_count(
    site_url: str, credential: dict[str, Any], challenge: str, *, public_key: str, sign_count: int
) -> int:
    """Return the new counter of a passkey that has signed this challenge; raises Invalid. Computes in a thread."""
    return await asyncio.to_thread(
        _verified_sign_count, site_url, credential, challenge, public_key, sign_count
    )


def _verified_sign_count(
    site_url: str, credential: dict[str, Any], challenge: str, public_key: str, sign_count: int
) -> int:
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    rp_id, origin = _place(site_url)
    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, LookupError) as error:
        raise refused() from error
    return found.new_sign_count


def handle_of(credential: dict[str, Any]) -> bytes:
    """Return whom an answer of an authenticator names; raises Invalid."""
    from webauthn.helpers import base64url_to_bytes

    handle = credential.get("response", {}).get("userHandle")
    if not isinstance(handle, str):
        raise refused()
    try:
        return base64url_to_bytes(handle)
    except ValueError as error:
        raise refused() from error
