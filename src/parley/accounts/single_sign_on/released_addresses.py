"""Taking an address from an account that goes to nobody, for whoever the address belongs to."""

from parley.accounts.audit_log.actions import NOBODY, record_for_user
from parley.accounts.password_reset.actions import forget_resets_of
from parley.accounts.users.actions import change_user
from parley.accounts.users.queries import user_row
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_token
from parley.kernel.jobs import emit, enqueue
from parley.kernel.network.emails import MAX_EMAIL_LENGTH, NO_MAILBOX
from parley.kernel.services import Services

RELEASED = "user.address_released"
"""The event; its payload is `{"user_id": ...}`."""
MAIL = "accounts.mail_released_address"
MARK_LENGTH = 12


async def release_address(db: Db, services: Services, user_id: int) -> None:
    """Take its address from an account; all else of it stays with who has it, who must set another one.

    Links for a forgotten password end: they are in the mailbox of somebody else.
    """
    email: str = (await user_row(db, user_id))["email"]
    await record_for_user(db, services, user_id, RELEASED, by=NOBODY, before={"email": email})
    await change_user(db, services, user_id, {"email": stand_in_for(email), "former_email": email})
    await forget_resets_of(db, user_id)
    await emit(db, RELEASED, {"user_id": user_id}, project_id=0)
    await enqueue(db, MAIL, {"email": email}, project_id=0, queue="mail")


def stand_in_for(email: str) -> str:
    """Return an address for an account that has lost its own: it has no mailbox, and nobody can take it before."""
    mark = f"-{new_token(length=MARK_LENGTH).lower()}@{NO_MAILBOX}"
    return email.replace("@", "%")[: MAX_EMAIL_LENGTH - len(mark)].rstrip(".") + mark
