"""Unlocking a link by a password."""

from typing import Any

import msgspec

from parley.accounts.passwords.hashing import hash_in_form
from parley.analytics.sharing.actions.accesses import note_access
from parley.analytics.sharing.actions.activity import log_of_stranger
from parley.analytics.sharing.errors import IncorrectSharePassword, NoSharePasswordNeeded
from parley.analytics.sharing.queries.configurations import password_by_hash
from parley.analytics.sharing.queries.links import OpenLink
from parley.analytics.sharing.rules.accesses import AccessKind
from parley.analytics.sharing.rules.configurations import suffix_of
from parley.analytics.sharing.rules.passwords import MAX_LENGTH, UNTITLED, compared_form
from parley.analytics.sharing.schemas import StoredSharePassword
from parley.analytics.sharing.unlock_throttle import UnlockThrottle
from parley.analytics.sharing.unlock_tokens import Unlock, unlock_token
from parley.kernel.services import Services


async def unlock(services: Services, link: OpenLink, password: str, address: str) -> str:
    """Return a proof for a right password. All passwords of a link are compared by one hash (docs/decisions/0032).

    Raises NoSharePasswordNeeded, IncorrectSharePassword, and Throttled for too many tries or too many wrong ones. A
    right password that comes within the volume of tries is never refused.
    """
    if not link.share.password_required:
        raise NoSharePasswordNeeded
    throttle = UnlockThrottle(services, link.token, address)
    await throttle.count_try()
    # The start of a longer one is no password either.
    hashed = await hash_in_form(
        compared_form(password[: MAX_LENGTH + 1]), link.share.hash_form, address=address
    )
    async with services.database.transaction(write=False) as db:
        found = await password_by_hash(db, link.share, hashed)
    if found is None:
        await throttle.count_wrong()
        await _note(services, link, "share_login_failed", address, None)
        raise IncorrectSharePassword
    await throttle.passed()
    await _note(services, link, "share_login_success", address, found)
    proved = Unlock(share_password_id=found.id, team_id=link.share.project_id, access_token=link.token)
    return unlock_token(services.vault, proved, services.clock.now())


async def _note(
    services: Services,
    link: OpenLink,
    kind: AccessKind,
    address: str,
    password: StoredSharePassword | None,
) -> None:
    """Keep an attempt among the accesses, and in the activity log of what is shared."""
    after: dict[str, Any] = {"access_token_suffix": suffix_of(link.token), "client_ip": address}
    if password is not None:
        after |= {"password_id": password.id, "password_note": password.note or UNTITLED}
        link = msgspec.structs.replace(link, password_id=password.id, password_note=password.note)
    async with services.database.transaction() as db:
        await log_of_stranger(db, services, link.share, kind, after)
        await note_access(db, link, kind, address, services.clock.now())
