"""What the secret of a link opens, for those who have nothing but the link."""

from datetime import datetime

import msgspec
from sqlalchemy import select

from parley.accounts.organizations.tables import organization
from parley.accounts.projects.tables import project
from parley.analytics.sharing.queries.configurations import SHARE
from parley.analytics.sharing.rules.configurations import is_over
from parley.analytics.sharing.rules.passwords import BEYOND_IDS
from parley.analytics.sharing.schemas import StoredShare
from parley.analytics.sharing.tables import share_password, sharing_configuration
from parley.analytics.sharing.unlock_tokens import read_unlock
from parley.kernel.database.transaction import Db
from parley.kernel.ids import token_hash
from parley.kernel.secrets import Vault

MAX_ACCESS_TOKEN = 400


class OpenLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that works now. Where somebody has proved that they know a password, `proof` is what they came with."""

    share: StoredShare
    token: str
    password_id: int | None = None
    password_note: str = ""
    proof: str | None = None

    @property
    def is_locked(self) -> bool:
        """Say whether a password is still wanted."""
        return self.share.password_required and self.password_id is None


async def link_by_token(
    db: Db, vault: Vault, token: str, now: datetime, *, proofs: tuple[str | None, ...] = ()
) -> OpenLink | None:
    """Return the link of this secret (ix_sharing_configuration_token), None for one that doesn't work.

    The first of the proofs that still holds unlocks it: its password must be active, and it must be of this very link.
    """
    if not token or len(token) > MAX_ACCESS_TOKEN:
        return None
    found = (
        select(*SHARE.columns)
        .join(project, project.c.id == sharing_configuration.c.project_id)
        .join(organization, organization.c.id == project.c.organization_id)
        .where(
            sharing_configuration.c.token_hash == token_hash(token),
            sharing_configuration.c.enabled,
            organization.c.allow_publicly_shared_resources,
        )
    )
    row = (await db.execute(found)).first()
    if row is None:
        return None
    share = SHARE(row)
    if is_over(now, share.expires_at, share.link_expires_at):
        return None
    link = OpenLink(share=share, token=token)
    return await _unlocked(db, vault, link, proofs, now) if link.is_locked else link


async def _unlocked(
    db: Db, vault: Vault, link: OpenLink, proofs: tuple[str | None, ...], now: datetime
) -> OpenLink:
    for proof in proofs:
        unlock = read_unlock(vault, proof, now)
        if unlock is None or (unlock.team_id, unlock.access_token) != (link.share.project_id, link.token):
            continue
        note = await _note_of_active(db, link.share, unlock.share_password_id)
        if note is not None:
            return msgspec.structs.replace(
                link, password_id=unlock.share_password_id, password_note=note, proof=proof
            )
    return link


async def _note_of_active(db: Db, share: StoredShare, password_id: int) -> str | None:
    """Return the note of an active password of the share, None where there is none (primary key)."""
    if not 0 < password_id < BEYOND_IDS:
        return None
    mine = (
        share_password.c.project_id == share.project_id,
        share_password.c.id == password_id,
        share_password.c.configuration_id == share.id,
        share_password.c.is_active,
    )
    note: str | None = (await db.execute(select(share_password.c.note).where(*mine))).scalar()
    return note
