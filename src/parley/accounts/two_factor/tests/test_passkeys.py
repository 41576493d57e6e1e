"""Passkeys, with an authenticator made of a key pair."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from parley.kernel.ids import new_token
from tests.cast import Cast

SITE = "http://parley.test"
"""The site of the tests' settings."""
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """Holds one key, and signs what it is told to; a test lets it lie."""

    origin: str = SITE
    rp_id: str = "parley.test"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    handle: str = ""
    id: bytes = field(default_factory=lambda: new_token().encode())
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        place = hashlib.sha256(self.rp_id.encode()).digest()
        return place + bytes([flags]) + self.count.to_bytes(4, "big")

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create()`."""
        self.handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(self.flags | WITH_KEY) + attested}
        return self._answer(
            {
                "clientDataJSON": self._client_data("webauthn.create", options["challenge"]),
                "attestationObject": encode_cbor(attestation),
            }
        )

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get()`."""
        self.count += 1
        client_data, data = self._client_data("webauthn.get", options["challenge"]), self._data(self.flags)
        signed = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": client_data,
                "authenticatorData": data,
                "signature": signed,
                "userHandle": base64url_to_bytes(self.handle),
            }
        )

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = bytes_to_base64url(self.id)
        sent = {key: bytes_to_base64url(value) for key, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": sent}


async def register(
    session: httpx.AsyncClient, device: Authenticator, label: str = "Laptop"
) -> httpx.Response:
    options = (await session.post("/api/webauthn/register/begin/")).json()
    answer = {**device.make(options), "label": label}
    return await session.post("/api/webauthn/register/complete/", json=answer)


async def sign_in(browser: httpx.AsyncClient, device: Authenticator) -> httpx.Response:
    options = (await browser.post("/api/webauthn/login/begin/")).json()
    return await browser.post("/api/webauthn/login/complete/", json=device.use(options))


@pytest.fixture
async def device(cast: Cast) -> Authenticator:
    """An authenticator with a passkey of alice."""
    made = Authenticator()
    assert (await register(await cast.sign_in(cast.alice), made)).status_code == 200
    return made


async def test_a_passkey_signs_its_owner_in_without_saying_who_it_is(cast: Cast, device: Authenticator):
    browser = cast.client()
    assert (await sign_in(browser, device)).json() == {"success": True}
    assert (await browser.get("/api/users/@me/")).json()["email"] == cast.alice.email
    [shown] = (await browser.get("/api/webauthn/credentials/")).json()
    assert (shown["label"], shown["verified"], shown["last_used_at"] is not None) == ("Laptop", True, True)
    assert (await browser.get("/api/users/@me/sessions/")).json()[0]["method"] == "passkey"


LIES = [
    {"origin": "https://evil.example"},
    {"rp_id": "evil.example"},
    {"flags": PRESENT},
    {"flags": VERIFIED},
    {"key": ec.generate_private_key(ec.SECP256R1())},
    {"id": b"another"},
    {"handle": bytes_to_base64url(bytes(16))},
    {"count": -1},
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: next(iter(lie)))
async def test_what_an_authenticator_gets_wrong_opens_nothing(
    cast: Cast, device: Authenticator, lie: dict[str, Any]
):
    assert (await sign_in(cast.client(), device)).status_code == 200
    for name, value in lie.items():
        setattr(device, name, value)
    browser = cast.client()
    refused = await sign_in(browser, device)
    assert (refused.status_code, refused.json()["code"]) == (400, "passkey_invalid")
    assert "parley_session" not in browser.cookies


async def test_a_challenge_works_once_and_in_its_browser(cast: Cast, device: Authenticator):
    browser, other = cast.client(), cast.client()
    answer = device.use((await browser.post("/api/webauthn/login/begin/")).json())
    done = "/api/webauthn/login/complete/"
    assert (await other.post(done, json=answer)).json()["code"] == "2fa_expired"
    step = browser.cookies["parley_step"]
    assert (await browser.post(done, json=answer)).status_code == 200
    other.cookies.set("parley_step", step)
    assert (await other.post(done, json=answer)).json()["code"] == "2fa_expired"


async def test_a_passkey_is_made_for_its_user_alone(cast: Cast, device: Authenticator):
    alice, bob = await cast.sign_in(cast.alice), await cast.sign_in(cast.bob)
    assert (await register(bob, device)).json()["code"] == "passkey_invalid"  # it is alice's already
    options = (await alice.post("/api/webauthn/register/begin/")).json()
    bob = await cast.sign_in(cast.bob)
    bob.cookies.set("parley_step", alice.cookies["parley_step"])
    answer = Authenticator().make(options)
    refused = await bob.post("/api/webauthn/register/complete/", json=answer)
    assert refused.json()["code"] == "passkey_invalid"
    unverified = await register(alice, Authenticator(flags=PRESENT))
    assert unverified.json()["code"] == "passkey_invalid"


async def test_passkeys_are_renamed_and_deleted_by_their_owner(cast: Cast, device: Authenticator):
    alice, bob = await cast.sign_in(cast.alice), await cast.sign_in(cast.bob)
    [shown] = (await alice.get("/api/webauthn/credentials/")).json()
    path = f"/api/webauthn/credentials/{shown['id']}/"
    assert (await bob.patch(path, json={"label": "mine"})).status_code == 404
    assert (await bob.delete(path)).status_code == 404
    assert (await alice.patch(path, json={"label": "Phone"})).json()["label"] == "Phone"
    assert (await cast.alice.client.get("/api/webauthn/credentials/")).status_code == 403
    assert (await alice.delete(path)).status_code == 204
    assert (await sign_in(cast.client(), device)).json()["code"] == "passkey_invalid"


@pytest.mark.parametrize("response", [{}, {"clientDataJSON": 1}, {"userHandle": "%"}, {"userHandle": "AAAA"}])
async def test_nonsense_is_refused_with_the_same_sentence(
    cast: Cast, device: Authenticator, response: dict[str, Any]
):
    browser = cast.client()
    answer = device.use((await browser.post("/api/webauthn/login/begin/")).json()) | {"response": response}
    refused = await browser.post("/api/webauthn/login/complete/", json=answer)
    assert (refused.status_code, refused.json()["code"]) == (400, "passkey_invalid")


async def test_beginning_is_limited_for_an_address(cast: Cast):
    browser = cast.client()
    answers = [(await browser.post("/api/webauthn/login/begin/")).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
