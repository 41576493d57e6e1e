"""Message ids, signed reply addresses and subjects: what names a ticket, and what of it can't be guessed."""

import hashlib
import re
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

import msgspec

from parley.kernel.secrets import Vault

Origin = Literal["named", "received", "sent"]
"""How a ticket knows a message id: a mail names it, a mail came in under it, or a mail of ours has it."""

MOST_IDS = 200
"""Message ids of one mail that are looked at: its newest ones. Each hop of a thread adds one."""
MAX_ID_LENGTH = 998
"""A longer one is no line of a mail (RFC 5322, 2.1.1)."""
ID_SIGNATURE, ADDRESS_SIGNATURE = 16, 20
_ID_PURPOSE, _ADDRESS_PURPOSE = "message id of a mail", "reply address"
_OWN_ID = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{16})@[^@\s]+")
_ADDRESS = re.compile(r"team-([0-9a-f]{32})(?:\+([0-9]{1,10})-([0-9a-f]{20}))?@([^@\s]+)", re.IGNORECASE)
_SUBJECT_NUMBER = re.compile(r"(?<![\w#&/])#([0-9]{1,10})(?![\w-])", re.ASCII)


def bare_id(text: str) -> str:
    """Return a message id without its brackets and the white space around it."""
    return text.strip().removeprefix("<").removesuffix(">").strip()


def bare_ids(texts: Iterable[str]) -> list[str]:
    """Return the last MOST_IDS different message ids of these, in their order; what can be none is left out."""
    found = (bare_id(text) for text in texts)
    unique = dict.fromkeys(id for id in found if 0 < len(id) <= MAX_ID_LENGTH and "\x00" not in id)
    return list(unique)[-MOST_IDS:]


def digest_of(message_id: str) -> str:
    """Return under what an id is stored. Letter case counts: the part before the @ is the sender's own business."""
    return hashlib.sha256(bare_id(message_id).encode("utf-8", "surrogatepass")).hexdigest()


def own_message_id(vault: Vault, project_id: int, comment_id: UUID, domain: str) -> str:
    """Return the Message-ID, without brackets, of the mail that carries a message: nobody who hasn't got it can guess it."""
    signature = vault.signature(_ID_PURPOSE, f"{project_id}:{comment_id.hex}")[:ID_SIGNATURE]
    return f"{comment_id.hex}.{signature}@{domain}"


def comment_of_own_id(vault: Vault, project_id: int, message_id: str) -> UUID | None:
    """Return the message whose mail has this id; None where the id isn't one that this project has given."""
    found = _OWN_ID.fullmatch(bare_id(message_id))
    if found is None:
        return None
    is_ours = vault.has_signed(_ID_PURPOSE, f"{project_id}:{found[1]}", found[2], length=ID_SIGNATURE)
    return UUID(hex=found[1]) if is_ours else None


def reply_address(vault: Vault, inbound_token: str, ticket_number: int, inbound_domain: str) -> str:
    """Return the address at which answers to a ticket arrive, whatever becomes of the headers on the way."""
    signed = f"{inbound_token}:{ticket_number}"
    signature = vault.signature(_ADDRESS_PURPOSE, signed)[:ADDRESS_SIGNATURE]
    return f"team-{inbound_token}+{ticket_number}-{signature}@{inbound_domain}"


class InboundAddress(msgspec.Struct, frozen=True):
    """A forwarding address: the token of its channel, and the ticket that a valid signature names."""

    inbound_token: str
    ticket_number: int | None = None


def inbound_address(vault: Vault, address: str) -> InboundAddress | None:
    """Read an address as `team-<token>[+<number>-<signature>]@...`; None for any other. A forged number names nothing."""
    found = _ADDRESS.fullmatch(address.strip())
    if found is None:
        return None
    token = found[1].lower()
    if found[2] is None:
        return InboundAddress(token)
    number = int(found[2])
    signed, given = f"{token}:{number}", found[3].lower()
    is_ours = vault.has_signed(_ADDRESS_PURPOSE, signed, given, length=ADDRESS_SIGNATURE)
    return InboundAddress(token, number if is_ours else None)


def number_in_subject(subject: str) -> int | None:
    """Return the last `#123` of a subject. Anybody can write one, so it says only what its author means."""
    found = _SUBJECT_NUMBER.findall(subject[:1000])
    return int(found[-1]) if found else None


def loop_mark(vault: Vault, project_id: int) -> str:
    """Return the value of the field `X-Loop` of our own mails: whoever sends them back is no customer."""
    return loop_marks(vault, project_id)[0]


def loop_marks(vault: Vault, project_id: int) -> list[str]:
    """Return that value, and behind it those that old keys have made."""
    return ["parley-" + one[:ADDRESS_SIGNATURE] for one in vault.signatures("loop mark", str(project_id))]
