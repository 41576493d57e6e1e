"""What a provider that posts mails as forms has found out about them: a part of the mail that Parley composes of the form.

Anybody can send a part of this type, and the webhook also takes mails as their senders wrote them. So the part is signed
with the server's key, and without that it is a file like any other.
"""

import msgspec

from parley.kernel.secrets import Vault

CONTENT_TYPE = "application/vnd.parley.provider-findings+json"
_PURPOSE = "findings of a provider"


class ProviderFindings(msgspec.Struct, frozen=True):
    """The text of a mail without what it quotes, the signature below it, and the proof that Parley wrote this part."""

    stripped_text: str = ""
    stripped_signature: str = ""
    proof: str = ""


def signed_findings(vault: Vault, project_id: int, text: str, signature: str) -> bytes:
    """Return the content of the part, for mails of this project; the same for the same findings."""
    proof = vault.signature(_PURPOSE, _signed_text(project_id, text, signature))
    return msgspec.json.encode(ProviderFindings(text, signature, proof))


def provider_findings(
    vault: Vault, project_id: int, content_type: str, content: bytes
) -> ProviderFindings | None:
    """Read the part; None for any other one, and for one that Parley has not written."""
    if content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
        return None
    try:
        found = msgspec.json.decode(content, type=ProviderFindings)
    except msgspec.DecodeError:
        return None
    signed = _signed_text(project_id, found.stripped_text, found.stripped_signature)
    return found if vault.has_signed(_PURPOSE, signed, found.proof) else None


def _signed_text(project_id: int, text: str, signature: str) -> str:
    return f"{project_id}:{len(text)}:{text}{signature}"
