"""Rows of second factors, for tests that only need them to be there."""

from sqlalchemy import insert

from parley.accounts.two_factor.tables import passkey
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.services import Services


async def make_passkey_row(services: Services, user_id: int) -> str:
    """Store a passkey that no authenticator has; return its id."""
    passkey_id = new_uuid()
    async with services.database.transaction() as db:
        await db.execute(
            insert(passkey).values(
                id=passkey_id,
                user_id=user_id,
                credential_id=new_token(),
                public_key="",
                sign_count=0,
                transports=[],
                name="Laptop",
                is_backed_up=False,
                created_at=services.clock.now(),
            )
        )
    return str(passkey_id)
