"""Steps of signing in that a browser has still to take. Each is a row, and a random token in a cookie of the browser."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, update

from parley.accounts.two_factor.errors import step_is_over
from parley.accounts.two_factor.tables import sign_in_step
from parley.kernel.database.columns import is_open
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_token, token_hash
from parley.kernel.services import Services

STEP_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
SECOND_FACTOR = "second_factor"


async def begin_second_step(db: Db, services: Services, user_id: int) -> str:
    """Remember that a user has taken the first step, for ten minutes; return the token for the browser."""
    return await begin_step(db, services, SECOND_FACTOR, user_id=user_id)


async def begin_step(
    db: Db, services: Services, purpose: str, *, user_id: int | None = None, challenge: str | None = None
) -> str:
    """Store a step and return its token, of which only the hash is stored."""
    token = new_token()
    await db.execute(
        insert(sign_in_step).values(
            token_hash=token_hash(token),
            purpose=purpose,
            user_id=user_id,
            challenge=challenge,
            n_tries=0,
            expires_at=services.clock.now() + STEP_LASTS,
        )
    )
    return token


async def count_try(db: Db, services: Services, token: str | None) -> int:
    """Count one try at a second factor, before it is made; return whose it is.

    Raises Invalid when the step is unknown, over, or was tried five times. The caller commits before it looks at the code.
    """
    step = sign_in_step.c
    open_step = (
        step.token_hash == token_hash(token or ""),
        step.purpose == SECOND_FACTOR,
        is_open(step.expires_at, services.clock.now(), STEP_LASTS),
        step.n_tries < MOST_TRIES,
    )
    counted = update(sign_in_step).where(*open_step).values(n_tries=step.n_tries + 1).returning(step.user_id)
    user_id: int | None = (await db.execute(counted)).scalar_one_or_none()
    if user_id is None:
        raise step_is_over()
    return user_id


async def take_step(
    db: Db, services: Services, token: str | None, purpose: str
) -> tuple[int | None, str | None]:
    """End a step, which happens once; return its user and challenge. Raises Invalid when it is over already."""
    step = sign_in_step.c
    of_browser = step.token_hash == token_hash(token or ""), step.purpose == purpose
    in_time = is_open(step.expires_at, services.clock.now(), STEP_LASTS)
    taken = delete(sign_in_step).where(*of_browser, in_time)
    row = (await db.execute(taken.returning(step.user_id, step.challenge))).first()
    if row is None:
        raise step_is_over()
    return row.user_id, row.challenge


async def forget_steps_of(db: Db, user_id: int) -> None:
    """End the sign-ins of a user that wait for a code: what they have proved doesn't count any more."""
    await db.execute(delete(sign_in_step).where(sign_in_step.c.user_id == user_id))


async def forget_old_steps(db: Db, now: datetime) -> int:
    """Delete the steps that nobody took in time; return how many."""
    return (await db.execute(delete(sign_in_step).where(sign_in_step.c.expires_at <= now))).rowcount
