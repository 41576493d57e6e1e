"""Making, changing and removing people for an identity provider.

An account belongs to the person, who may be in other organizations, too. So its names and address change only while
the address lies in a verified domain of this organization; whoever runs the domain could read that mail anyway.
"""

from contextlib import suppress
from typing import Any

from msgspec.structs import replace
from sqlalchemy import delete, update

from parley.accounts.audit_log.actions import record
from parley.accounts.audit_log.queries import user_target
from parley.accounts.domains.queries import Domain, domain_of, verified_domains
from parley.accounts.members.actions import add_member, remove_member
from parley.accounts.memberships.queries import organizations_owned_alone
from parley.accounts.passwords.hashing import NO_PASSWORD
from parley.accounts.scim.queries.people import (
    NOT_FOUND,
    is_user_name_taken,
    person_by_email,
    person_by_id,
)
from parley.accounts.scim.tables import scim_user
from parley.accounts.scim_messages.errors import (
    AlreadyExists,
    InvalidResource,
    ProtectedUser,
    ResourceNotFound,
)
from parley.accounts.scim_messages.rules.resources import FoundPerson
from parley.accounts.scim_messages.rules.users import INVALID_USER, ScimPerson
from parley.accounts.single_sign_on.actions import take_over
from parley.accounts.single_sign_on.released_addresses import release_address
from parley.accounts.users.actions import change_user, create_user
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import MEMBER, OWNER
from parley.kernel.network.emails import has_mailbox
from parley.kernel.services import Services
from parley.kernel.text.forms import folded

EXISTS = "User already exists"
NAME_TAKEN = "Another user has this userName already."
FOREIGN_ADDRESS = "The address must lie in a verified domain of the organization."
FOREIGN_ACCOUNT = (
    "The address of this user lies in no verified domain of the organization, so only active can be changed."
)
OWNER_STAYS = (
    "Owners of the organization are not removed or renamed by SCIM. Give them another level in Parley first."
)


async def provision(db: Db, services: Services, domain: Domain, person: ScimPerson) -> FoundPerson:
    """Make a member of the person, with a new account where the address has none; return them as they were before.

    An account that nobody has verified and that owns an organization loses the address, and keeps all else. Raises
    AlreadyExists for who came through this domain before, InvalidResource for a foreign address, and OwnsAnother.
    """
    await _check_address(db, domain, person.email)
    found = await person_by_email(db, domain, person.email)
    if found is not None and found.is_provisioned:
        raise AlreadyExists(EXISTS)
    if found is not None and await _stays_with_its_holder(db, found):
        await release_address(db, services, found.user_id)
        found = None
    if found is None:
        user_id = await _new_user(db, services, person)
        if user_id is None:  # somebody has made it meanwhile, such as the person by an invitation
            return await provision(db, services, domain, person)
        found = FoundPerson(user_id=user_id, person=person)
    else:
        # What the identity provider doesn't know, such as an empty name, is kept.
        known = found.person
        given, family = person.given_name or known.given_name, person.family_name or known.family_name
        person = replace(person, given_name=given, family_name=family)
        await _change_account(db, services, domain, found, person)
        if found.level is None and not found.is_email_verified:
            await take_over(db, services, found.user_id)
    await _change_activity(db, services, domain, found, person)
    await _store(db, services, domain, found, person)
    await _record(db, services, domain, "scim_provisioned", found.user_id, None, person)
    return found


async def change_person(
    db: Db, services: Services, domain: Domain, found: FoundPerson, person: ScimPerson, *, action: str
) -> None:
    """Store what is different; raises InvalidResource and ProtectedUser for what an identity provider may not change."""
    before = found.person
    if person == before and found.is_provisioned:
        return
    if person.email != before.email:
        await _check_address(db, domain, person.email)
    if _account_of(person) != _account_of(before):
        await _check_may_change_account(db, domain, found, person)
        await _change_account(db, services, domain, found, person)
    await _change_activity(db, services, domain, found, person)
    await _store(db, services, domain, found, person)
    await _record(db, services, domain, action, found.user_id, before, person)


async def deprovision(db: Db, services: Services, domain: Domain, text: str) -> None:
    """End the membership of the person with this id, and forget what the identity provider calls them.

    The account stays, as do tickets that are assigned to it. Raises ResourceNotFound and ProtectedUser.
    """
    found = await person_by_id(db, domain, text)
    _check_may_leave(found)
    if found.level is not None:
        mine: dict[str, Any] = {"organization_id": domain.organization_id, "user_id": found.user_id}
        await remove_member(db, services, **mine, is_logged=False)
    names = (scim_user.c.domain_id == domain.id, scim_user.c.user_id == found.user_id)
    ended = await db.execute(delete(scim_user).where(*names))
    if found.is_provisioned and ended.rowcount == 0:
        raise ResourceNotFound(NOT_FOUND)
    await _record(db, services, domain, "scim_deprovisioned", found.user_id, found.person, None)


async def _check_address(db: Db, domain: Domain, email: str) -> None:
    name = domain_of(email)
    if name != domain.domain and name not in await verified_domains(db, domain.organization_id):
        raise InvalidResource(FOREIGN_ADDRESS)


async def _check_may_change_account(db: Db, domain: Domain, found: FoundPerson, person: ScimPerson) -> None:
    if domain_of(found.person.email) not in await verified_domains(db, domain.organization_id):
        raise InvalidResource(FOREIGN_ACCOUNT)
    if found.level == OWNER and person.email != found.person.email:
        raise ProtectedUser(OWNER_STAYS)


def _check_may_leave(found: FoundPerson) -> None:
    if found.level == OWNER:
        raise ProtectedUser(OWNER_STAYS)


async def _stays_with_its_holder(db: Db, found: FoundPerson) -> bool:
    """Say whether taking an account over would leave an organization of strangers without an owner."""
    is_strangers = found.level is None and not found.is_email_verified
    return is_strangers and bool(await organizations_owned_alone(db, found.user_id))


async def _new_user(db: Db, services: Services, person: ScimPerson) -> int | None:
    try:
        return await create_user(
            db,
            services,
            email=person.email,
            password_hash=NO_PASSWORD,
            first_name=person.given_name,
            last_name=person.family_name,
            is_email_verified=True,
        )
    except Invalid:
        return None


def _account_of(person: ScimPerson) -> dict[str, str]:
    return {"email": person.email, "first_name": person.given_name, "last_name": person.family_name}


async def _free_address(db: Db, services: Services, domain: Domain, email: str) -> None:
    """Make sure that nobody has an address of the organization's own; raises InvalidResource where somebody may have it."""
    holder = await person_by_email(db, domain, email)
    if holder is None:
        return
    if holder.level is not None or holder.is_provisioned or holder.is_email_verified:
        raise InvalidResource(INVALID_USER)
    await release_address(db, services, holder.user_id)


async def forget_person(db: Db, user_id: int) -> None:
    """Forget what identity providers call an account that has lost its address: whom they mean has another one."""
    await db.execute(delete(scim_user).where(scim_user.c.user_id == user_id))


async def _change_account(
    db: Db, services: Services, domain: Domain, found: FoundPerson, person: ScimPerson
) -> None:
    before, after = _account_of(found.person), _account_of(person)
    changes = {name: value for name, value in after.items() if value != before[name]}
    if "email" in changes:
        await _free_address(db, services, domain, person.email)
    await change_user(db, services, found.user_id, changes)


async def _change_activity(
    db: Db, services: Services, domain: Domain, found: FoundPerson, person: ScimPerson
) -> None:
    mine: dict[str, Any] = {"organization_id": domain.organization_id, "user_id": found.user_id}
    if person.active and found.level is None:
        if not has_mailbox(found.person.email):
            raise ResourceNotFound(NOT_FOUND)
        with suppress(Invalid):  # somebody else has let them in meanwhile
            await add_member(db, services, **mine, level=MEMBER, is_logged=False)
    elif person.active is False and found.level is not None:
        _check_may_leave(found)
        await remove_member(db, services, **mine, is_logged=False)


async def _store(db: Db, services: Services, domain: Domain, found: FoundPerson, person: ScimPerson) -> None:
    """Keep what the identity provider calls the person; raises AlreadyExists for a userName of somebody else."""
    name = person.user_name
    values = {
        "user_name": name,
        "folded_user_name": folded(name) if name is not None else None,
        "external_id": person.external_id,
        "email_type": person.email_type,
        "email_is_primary": person.email_is_primary,
        "is_active": person.active,
    }
    if not found.is_provisioned:
        row = {"domain_id": domain.id, "user_id": found.user_id, "provisioned_at": services.clock.now()}
        statement = insert_for(db.dialect, scim_user).values(**row, **values)
        if (await db.execute(statement.on_conflict_do_nothing())).rowcount == 0:
            raise AlreadyExists(NAME_TAKEN)
        return
    if name is not None and await is_user_name_taken(db, domain, folded(name), but_by=found.user_id):
        raise AlreadyExists(NAME_TAKEN)
    mine = (scim_user.c.domain_id == domain.id, scim_user.c.user_id == found.user_id)
    await db.execute(update(scim_user).where(*mine).values(**values))


async def _record(
    db: Db,
    services: Services,
    domain: Domain,
    action: str,
    user_id: int,
    before: ScimPerson | None,
    after: ScimPerson | None,
) -> None:
    known = after or before
    assert known is not None
    kind, id, _ = await user_target(db, user_id, "user")
    await record(
        db,
        services,
        organization_id=domain.organization_id,
        action=action,
        target=(kind, id, known.email),
        before=_logged(before, after),
        after=_logged(after, before),
    )


def _logged(one: ScimPerson | None, other: ScimPerson | None) -> dict[str, object] | None:
    """Return those fields of a person that are different from another state of them."""
    if one is None:
        return None
    fields = {name: getattr(one, name) for name in one.__struct_fields__}
    return {name: value for name, value in fields.items() if other is None or value != getattr(other, name)}
