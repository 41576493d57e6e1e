"""Proofs of passwords, forged in the usual ways."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from parley.analytics.sharing.unlock_tokens import AUDIENCE, LASTS, Unlock, _keys, read_unlock, unlock_token
from parley.kernel.secrets import Vault

VAULT, NOW = Vault("a secret key of this test"), datetime(2026, 11, 29, tzinfo=UTC)
UNLOCK = Unlock(share_password_id=7, team_id=3, access_token="abc")
CLAIMS = {
    "aud": AUDIENCE,
    "exp": int((NOW + LASTS).timestamp()),
    "share_password_id": 7,
    "team_id": 3,
    "access_token": "abc",
}


def signed(key=None, algorithm="HS256", **changes):
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(claims, _keys(VAULT)[0] if key is None else key, algorithm=algorithm)


def unsigned(alg):
    parts = ({"alg": alg, "typ": "JWT"}, CLAIMS)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


def test_a_proof_is_read_for_a_day():
    token = unlock_token(VAULT, UNLOCK, NOW)
    assert jwt.decode(token, options={"verify_signature": False}) == CLAIMS
    assert read_unlock(VAULT, token, NOW) == UNLOCK
    assert read_unlock(VAULT, token, NOW + LASTS - timedelta(seconds=1)) == UNLOCK
    assert read_unlock(VAULT, token, NOW + LASTS) is None


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "x",
        "a.b.c",
        "\U0001f994.\U0001f994.\U0001f994",
        unsigned("none"),
        unsigned("None"),
        unsigned("HS256"),
        signed("another key that is long enough for it"),
        signed("another key that is long enough for it" * 2, "HS512"),
        signed(algorithm="HS384"),
        signed(aud="another audience"),
        signed(aud=None),
        signed(aud=["x"]),
        signed(exp=None),
        signed(exp=int(NOW.timestamp())),
        signed(exp=1),
        signed(team_id=None),
        signed(team_id="3"),
        signed(share_password_id="7 OR 1=1"),
        signed(share_password_id=None),
        signed(access_token=None),
        signed(access_token=["abc"]),
        signed(access_token="x" * 3000),
        signed()[:-2],
        signed() + "A",
        unlock_token(Vault("another server's secret key"), UNLOCK, NOW),
    ],
)
def test_what_is_no_proof_is_read_as_none(token):
    assert read_unlock(VAULT, token, NOW) is None
