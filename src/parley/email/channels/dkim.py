"""Keys with which mail of a domain is signed (RFC 6376)."""

import base64
import secrets

import msgspec

KEY_BITS = 2048
"""RFC 8301, section 3.2: signers should use at least 2048 bits."""


class NewDkimKey(msgspec.Struct, frozen=True):
    """A key pair: the private half as PKCS #8 in PEM, the public half as the `p=` of its DNS record."""

    selector: str
    private_key: str
    public_key: str


def new_dkim_key() -> NewDkimKey:
    """Make a key pair; takes a tenth of a second or more of processor time, so call it in a thread.

    The selector is random: two projects, or two servers, can sign for one domain.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return NewDkimKey(f"parley-{secrets.token_hex(4)}", private.decode(), base64.b64encode(public).decode())


def key_record(public_key: str) -> str:
    """Return the text of the TXT record at `<selector>._domainkey.<domain>` (RFC 6376, section 3.6.1)."""
    return f"v=DKIM1; k=rsa; p={public_key}"
