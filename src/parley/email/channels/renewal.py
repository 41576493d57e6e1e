"""New signing keys for domains after the server's key was lost."""

from collections.abc import Sequence

from sqlalchemy import update

from parley.email.channels.dkim import new_dkim_key
from parley.email.channels.queries import domain_key, domains_with_keys
from parley.email.channels.tables import email_domain
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

PROOF = ("verified_at", "failing_since", "checked_at", "findings")


async def renew_unreadable_keys(db: Db, services: Services) -> Sequence[str]:
    """Give domains whose signing key can't be read a new one; return them. Safe to run twice.

    Nothing is sent from them until their new record is published and looked up.
    """
    renewed = []
    for project_id, name, sealed, is_test in await domains_with_keys(db):
        if services.vault.can_decrypt(sealed):
            continue
        key = new_dkim_key()
        values = {
            "dkim_selector": key.selector,
            "dkim_private_key": services.vault.encrypt(key.private_key),
            "dkim_public_key": key.public_key,
            **({} if is_test else dict.fromkeys(PROOF)),
        }
        await db.execute(update(email_domain).where(domain_key(project_id, name)).values(**values))
        renewed.append(name)
    return renewed
