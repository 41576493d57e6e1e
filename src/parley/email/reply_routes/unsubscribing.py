"""Links by which somebody gets no more mail about the widget's conversations (RFC 8058)."""

import msgspec

from parley.kernel.secrets import Vault

PATH = "/email/unsubscribe"


class UnsubscribeLink(msgspec.Struct, frozen=True):
    """Whom a link is for."""

    project_id: int
    address: str


def unsubscribe_token(vault: Vault, project_id: int, address: str) -> str:
    """Return what a link ends in: it names a recipient to us alone, and nobody else can make one."""
    return vault.encrypt(f"unsubscribe {project_id} {address}")


def read_token(vault: Vault, token: str) -> UnsubscribeLink | None:
    """Return whom a link is for; None for one that isn't ours."""
    try:
        purpose, project_id, address = vault.decrypt(token).split(" ", 2)
    except ValueError:
        return None
    return UnsubscribeLink(int(project_id), address) if purpose == "unsubscribe" else None
