"""What works once: a request, and an assertion."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, update

from parley.accounts.saml.errors import SamlInvalid, domain_may_end
from parley.accounts.saml.queries import PendingRequest, pending_request
from parley.accounts.saml.rules.assertions import Assertion
from parley.accounts.saml.tables import saml_assertion, saml_request
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.ids import same_token, token_hash
from parley.kernel.services import Services

KEPT_LONGER = timedelta(days=1)
NOT_WAITED_FOR = "Nobody waits for this answer any more. Begin to sign in again."


class BroughtBy(msgspec.Struct, frozen=True):
    """The browser that brings an answer: its address, and the secret in its cookie if it sent one.

    `must_match` says that the cookie has to be there: over https every browser sends it along.
    """

    address: str
    secret: str | None
    must_match: bool


async def take_request(
    db: Db, services: Services, domain_id: UUID, request_id: str, brought_by: BroughtBy
) -> PendingRequest:
    """Return a request that this answers, and use it up; raises SamlInvalid. A test stays until it is over."""
    found = await pending_request(db, domain_id, request_id, services.clock.now())
    if found is None or found.finding is not None:
        raise SamlInvalid(NOT_WAITED_FOR)
    is_same = same_token(token_hash(brought_by.secret or ""), found.browser_hash)
    if not is_same and (brought_by.secret or brought_by.must_match):
        raise SamlInvalid("The sign-in began in another browser. Begin to sign in again in this one.")
    if found.tested_by is None:
        taken = await db.execute(delete(saml_request).where(saml_request.c.id == request_id))
        if not taken.rowcount:
            raise SamlInvalid(NOT_WAITED_FOR)
    return found


async def take_assertion(db: Db, domain_id: UUID, assertion: Assertion) -> None:
    """Note that an assertion was taken, for as long as it would be believed; raises SamlInvalid for one that was."""
    values = {
        "domain_id": domain_id,
        "id_digest": token_hash(assertion.id),
        "expires_at": assertion.expires_at,
    }
    statement = insert_for(db.dialect, saml_assertion).values(**values)
    with domain_may_end():
        noted = await db.execute(statement.on_conflict_do_nothing())
    if not noted.rowcount:
        raise SamlInvalid("This answer of the identity provider was used before. Begin to sign in again.")


async def store_finding(db: Db, request_id: str, finding: dict[str, object]) -> None:
    """Keep what came back for a test; the first answer counts."""
    await db.execute(
        update(saml_request)
        .where(saml_request.c.id == request_id, saml_request.c.finding.is_(None))
        .values(finding=finding)
    )


async def forget_what_is_over(db: Db, now: datetime) -> int:
    """Delete requests and assertions that no answer can use any more; return how many.

    Assertions stay for a day more: if the clock is ahead now and set back later, they would be believed once more.
    """
    requests = delete(saml_request).where(saml_request.c.expires_at <= now)
    assertions = delete(saml_assertion).where(saml_assertion.c.expires_at <= now - KEPT_LONGER)
    return (await db.execute(requests)).rowcount + (await db.execute(assertions)).rowcount
