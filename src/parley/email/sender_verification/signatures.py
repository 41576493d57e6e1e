"""DKIM (RFC 6376), checked in a process of its own: what a hostile mail makes the library do slows nobody else down.

The process has no network. It is given the records of all keys that the signatures name.
"""

import re
from collections.abc import Mapping
from email.parser import BytesHeaderParser

import msgspec

from parley.kernel.isolation.program import serve

MOST_SIGNATURES = 5
CPU_S = 5
MEMORY_BYTES = 256 * 1024 * 1024
_SPACES = re.compile(r"\s+")


class KeyRecord(msgspec.Struct, frozen=True):
    """What is published under the name of a key; `is_unknown` where the DNS didn't say."""

    text: str | None
    is_unknown: bool = False


class VerifyRequest(msgspec.Struct, frozen=True):
    """How many signatures to look at, and the records of their keys by name."""

    n_signatures: int
    records: dict[str, KeyRecord]


class SignatureResult(msgspec.Struct, frozen=True):
    """The result of one signature, a word of RFC 8601, and the domain that it is of."""

    result: str
    domain: str


def names_of_keys(head: bytes) -> list[str]:
    """Return for each of the first signatures of a header the name under which its key is published."""
    found = BytesHeaderParser().parsebytes(head).get_all("DKIM-Signature") or []
    names = []
    for value in found[:MOST_SIGNATURES]:
        tags = (tag.partition("=") for tag in _SPACES.sub("", str(value)).split(";"))
        by_name = {name: text for name, _, text in tags}
        names.append(f"{by_name.get('s', '')}._domainkey.{by_name.get('d', '')}")
    return names


def check(mail: bytes, index: int, records: Mapping[str, KeyRecord]) -> SignatureResult:
    """Return the result of one signature, whose domain is that of the key."""
    import dkim  # type: ignore[import-untyped]

    def text_of(name: bytes, timeout: int = 5) -> bytes | None:
        record = records.get(name.decode("ascii", "replace").rstrip("."))
        if record is None or record.is_unknown:
            unknown.append(name)
            raise dkim.DnsTimeoutError("not known")
        return record.text.encode() if record.text is not None else None

    unknown: list[bytes] = []
    signature = dkim.DKIM()
    try:
        signature.set_message(mail)
        result = "pass" if signature.verify(index, dnsfunc=text_of) else "fail"
    except dkim.DnsTimeoutError:
        result = "temperror"
    except dkim.ValidationError:  # such as another body than was signed
        result = "fail"
    except dkim.DKIMException:
        result = "permerror"
    if unknown:
        result = "temperror"  # the library says that it fails, or raises what the function did
    tags: Mapping[bytes, bytes] = signature.signature_fields
    if b"l" in tags:  # whatever stands behind the signed part would pass, too (RFC 6376, section 8.2)
        result = "policy"
    return SignatureResult(result, tags.get(b"d", b"").decode("ascii", "replace").lower())


def answer(request: bytes, mail: bytes) -> tuple[bytes, list[bytes]]:
    """Return the results of the first signatures of a mail."""
    asked = msgspec.msgpack.decode(request, type=VerifyRequest)
    found = [check(mail, index, asked.records) for index in range(asked.n_signatures)]
    return msgspec.msgpack.encode(found), []


if __name__ == "__main__":
    serve(answer, cpu_s=CPU_S, memory_bytes=MEMORY_BYTES)
