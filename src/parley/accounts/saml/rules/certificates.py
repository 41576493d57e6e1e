"""Certificates of an identity provider. They carry its keys; nobody has to have issued them."""

import base64
import binascii
import re
from datetime import datetime
from typing import Any

import msgspec

from parley.accounts.saml.errors import SamlInvalid

MOST_CERTIFICATES = 10
BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
EMPTY_LINE = re.compile(r"\n\s*\n")
NOT_READABLE = "This is no X.509 certificate. Paste the PEM text, or the base64 text alone."


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate: `pem` for the library, the rest for people. `fingerprint` is its SHA-256 in hexadecimal."""

    pem: str
    subject: str
    fingerprint: str
    not_before: datetime
    not_after: datetime


def certificates_of(text: str) -> list[Certificate]:
    """Return the certificates that a text lists: PEM blocks, or base64 alone with empty lines between. Raises SamlInvalid.

    Several are valid at the same time, so that an identity provider's key can be changed without a gap.
    """
    blocks = BLOCK.findall(text) or [one for one in EMPTY_LINE.split(text.replace("\r", "")) if one.strip()]
    if len(blocks) > MOST_CERTIFICATES:
        raise SamlInvalid(f"At most {MOST_CERTIFICATES} certificates can be listed.")
    return [_certificate(block) for block in blocks]


def _certificate(block: str) -> Certificate:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_der_x509_certificate

    try:
        found = load_der_x509_certificate(base64.b64decode("".join(block.split()), validate=True))
        key: Any = found.public_key()
        subject = found.subject.rfc4514_string()
    except (binascii.Error, ValueError, TypeError) as error:
        raise SamlInvalid(NOT_READABLE) from error
    except Exception as error:  # the library has no class for what it can't do
        raise SamlInvalid(NOT_READABLE) from error
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise SamlInvalid("The certificate's key must be RSA or ECDSA.")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        raise SamlInvalid(f"The certificate's key has {key.key_size} bits. It needs at least 2048.")
    return Certificate(
        pem=found.public_bytes(Encoding.PEM).decode(),
        subject=subject[:300],
        fingerprint=found.fingerprint(SHA256()).hex(),
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
    )


def pem_text(certificates: list[Certificate]) -> str:
    """Return the certificates as they are stored: PEM blocks one after the other."""
    return "".join(one.pem for one in certificates)
