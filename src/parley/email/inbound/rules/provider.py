"""What a provider that posts mails as forms has found out about them: a part of the mail that Parley composes of the form.

Only mails that came by the webhook are looked at for it, and the webhook lets nobody post a file of this type.
"""

import msgspec

CONTENT_TYPE = "application/vnd.parley.provider-findings+json"


class ProviderFindings(msgspec.Struct, frozen=True):
    """The text of a mail without what it quotes, and the signature below it."""

    stripped_text: str = ""
    stripped_signature: str = ""


def provider_findings(content_type: str, content: bytes) -> ProviderFindings | None:
    """Read the part; None for any other one."""
    if content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
        return None
    try:
        return msgspec.json.decode(content, type=ProviderFindings)
    except msgspec.DecodeError:
        return ProviderFindings()
