"""A code that somebody types: of the authenticator, or a recovery code."""

from typing import Literal

from parley.accounts.two_factor.actions.authenticator import take_totp_code
from parley.accounts.two_factor.actions.recovery_codes import take_recovery_code
from parley.accounts.two_factor.rules import is_totp_shaped, plain_code
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def take_code(db: Db, services: Services, user_id: int, code: str) -> Literal["totp", "recovery_code"]:
    """Accept a code of the user, once, and say which kind it was; raises Invalid."""
    if is_totp_shaped(plain_code(code)):
        await take_totp_code(db, services, user_id, code)
        return "totp"
    await take_recovery_code(db, services, user_id, code)
    return "recovery_code"
