"""Who may see the ledger: it holds mails of every ticket, so only those who may see every ticket."""

from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.queries.visibility import visibility_of
from parley.accounts.access_levels.rules import check_at_least, is_at_least
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Actor

SEES_ALL_ONLY = "Inbound mail is for those who may see every ticket of the project."


def check_may_read(actor: Actor) -> None:
    """Raise PermissionDenied for whom any ticket is, or may be, hidden from."""
    if visibility_of(actor) != "all":
        raise PermissionDenied(SEES_ALL_ONLY)


def may_replay(actor: Actor) -> bool:
    """Say whether somebody who sees the ledger may also have mails interpreted anew."""
    return is_at_least(default_level(actor), "editor")


def check_may_replay(actor: Actor) -> None:
    """Raise PermissionDenied for who may not write on every ticket."""
    check_may_read(actor)
    check_at_least(default_level(actor), "editor")
