"""Which ID tokens are believed, as a table."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt

from parley.accounts.oauth_sign_in.errors import ProviderFailed
from parley.accounts.oauth_sign_in.rules import (
    Claims,
    Metadata,
    Tokens,
    identity_of_claims,
    verified_claims,
)
from parley.accounts.oauth_sign_in.tests.fake_provider import new_key
from parley.kernel.config.sign_in_providers import provider_of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://id.example"
METADATA = Metadata(issuer=ISSUER, authorization_endpoint="", token_endpoint="")
KEY, STRANGE = new_key("one"), new_key("two")
CLAIMS = {"iss": ISSUER, "aud": "parley", "sub": "1", "iat": SECONDS, "exp": SECONDS + 60, "nonce": "n"}


def signed(key: Any = KEY, alg: str = "ES256", kid: str | None = "one", **changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return jwt.encode({"alg": alg} | ({"kid": kid} if kid else {}), claims, key, algorithms=[alg])


def unsigned(header: dict[str, str]) -> str:
    parts = (
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in (header, CLAIMS)
    )
    return ".".join(parts) + "."


def keyed(secret: bytes) -> str:
    """Return a token with an HMAC, for whoever takes the public key for its secret."""
    text = unsigned({"alg": "HS256", "kid": "one"}).rstrip(".")
    digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def read(token: str, *keys: Any) -> Claims:
    given = json.dumps({"keys": [one.as_dict(private=False) for one in keys or (KEY,)]}).encode()
    return verified_claims(Tokens("access", token), given, METADATA, client_id="parley", nonce="n", now=NOW)


GOOD = [
    signed(), signed(exp=SECONDS - 50), signed(iat=SECONDS + 50), signed(aud=["parley", "x"], azp="parley"),
    signed(kid=None),
]  # fmt: skip


@pytest.mark.parametrize("token", GOOD)
def test_what_the_provider_has_signed_for_us_just_now_is_believed(token):
    assert read(token).sub == "1"


def test_the_right_one_of_several_keys_is_found():
    assert read(signed(STRANGE, kid="two"), KEY, STRANGE).sub == "1"


PUBLIC_PEM, PUBLIC_JSON = KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()
BAD = {
    "no signature": unsigned({"alg": "none"}),
    "no signature, and a key": unsigned({"alg": "none", "kid": "one"}),
    "an algorithm without signature, in other letters": unsigned({"alg": "nOnE", "kid": "one"}),
    "the public key as a secret": keyed(PUBLIC_PEM),
    "the public key as a secret, as JSON": keyed(PUBLIC_JSON),
    "our own secret": keyed(b"a secret"),
    "another key": signed(STRANGE),
    "a key that isn't there": signed(kid="three"),
    "another issuer": signed(iss="https://evil.example"),
    "an issuer below": signed(iss=f"{ISSUER}/x"),
    "no issuer": signed(iss=None),
    "for somebody else": signed(aud="other"),
    "for somebody else, too, and made for them": signed(aud=["parley", "other"], azp="other"),
    "for two, and for whom it is made stays open": signed(aud=["parley", "other"]),
    "for nobody": signed(aud=None),
    "over": signed(exp=SECONDS - 61),
    "for ever": signed(exp=None),
    "from tomorrow": signed(iat=SECONDS + 86_400),
    "not yet": signed(nbf=SECONDS + 120),
    "another nonce": signed(nonce="m"),
    "no nonce": signed(nonce=None),
    "nobody": signed(sub=None),
    "a subject without letters": signed(sub=""),
    "a subject without end": signed(sub="x" * 256),
    "another access token": signed(at_hash="x"),
    "cut": signed()[:-5],
    "nothing": "",
    "no token": "a.b.c",
    "brackets": "e30." + base64.urlsafe_b64encode(b"[" * 50_000).decode().rstrip("=") + ".",
}


@pytest.mark.parametrize("case", BAD)
def test_no_other_token_is_believed(case):
    with pytest.raises(ProviderFailed):
        read(BAD[case])


@pytest.mark.parametrize(
    ("claims", "vouches"),
    [
        ({"email": "lea@a.example", "hd": "A.example"}, True),
        ({"email": "lea@a.example", "hd": "b.example"}, False),
        ({"email": "lea@a.example"}, False),
        ({"email": "lea@b\u00fccher.example", "hd": "xn--bcher-kva.example"}, True),
    ],
)
def test_google_speaks_for_a_company_only_where_the_company_runs_the_account(claims, vouches):
    google = provider_of("google-oauth2", "parley", "secret", None)
    gitlab = provider_of("gitlab", "parley", "secret", None)
    assert google is not None and gitlab is not None
    assert identity_of_claims(google, Claims(sub="1", **claims)).vouches_for_domain is vouches
    assert identity_of_claims(gitlab, Claims(sub="1", **claims)).vouches_for_domain is None


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        ({"given_name": "Lea", "family_name": "Berger"}, ("Lea", "Berger")),
        ({"name": "Lea Anna Berger"}, ("Lea", "Anna Berger")),
        ({"given_name": "Lea", "name": "Lea Berger"}, ("Lea", "")),
        ({}, ("", "")),
    ],
)
def test_a_new_account_has_the_names_that_the_provider_knows(claims, names):
    gitlab = provider_of("gitlab", "parley", "secret", None)
    assert gitlab is not None
    who = identity_of_claims(gitlab, Claims(sub="1", email="lea@a.example", **claims))
    assert (who.first_name, who.last_name, who.subject) == (*names, "https://gitlab.com 1")
