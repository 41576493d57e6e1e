"""Strangers who had an address first don't keep an identity provider from making its owner."""

from sqlalchemy import select

from parley.accounts.memberships.queries import joined_at_of
from parley.accounts.scim.tables import scim_user
from parley.accounts.single_sign_on.released_addresses import release_address
from parley.accounts.users.actions import change_user
from parley.kernel.network.emails import has_mailbox


async def squat(services, member, email, **more):
    async with services.database.transaction() as db:
        await change_user(db, services, member.user_id, {"email": email, "is_email_verified": False, **more})


async def organizations_of(services, user_id):
    async with services.database.transaction(write=False) as db:
        return [*await joined_at_of(db, user_id)]


async def test_the_owner_of_the_address_is_made_and_the_strangers_account_keeps_its_organization(
    acme, cast, mallory, services
):
    await squat(services, mallory, f"ada@{acme.domain}")
    made = await acme.make("ada")
    assert made["id"] != str(mallory.user_id)
    assert await organizations_of(services, int(made["id"])) == [cast.project.organization_id]
    assert await organizations_of(services, mallory.user_id) == [mallory.organization_id]
    kept = (await mallory.client.get("/api/users/@me/")).json()
    assert not has_mailbox(kept["email"])
    assert (await acme.client.get(f"{acme.base}/Users/{mallory.user_id}")).status_code == 404


async def test_somebody_gets_an_address_that_a_stranger_had_first(acme, mallory, services):
    made = await acme.make("ada")
    await squat(services, mallory, f"countess@{acme.domain}")
    renamed = await acme.client.put(f"{acme.base}/Users/{made['id']}", json=acme.person("countess"))
    assert renamed.status_code == 200 and renamed.json()["emails"][0]["value"] == f"countess@{acme.domain}"
    assert (await mallory.client.get("/api/users/@me/")).status_code == 200


async def test_nobody_loses_an_address_that_may_be_theirs(acme, other, bob, mallory, services):
    made = await acme.make("ada")
    await squat(services, mallory, f"countess@{acme.domain}", is_email_verified=True)
    await squat(services, bob, f"lady@{acme.domain}")
    theirs = await other.make("eve")
    for taken in (f"countess@{acme.domain}", f"lady@{acme.domain}", theirs["emails"][0]["value"]):
        body = acme.person("ada", emails=[{"value": taken, "primary": True}])
        assert (await acme.client.put(f"{acme.base}/Users/{made['id']}", json=body)).status_code == 400, taken


async def test_an_account_that_has_lost_its_address_does_not_come_back(acme, cast, mallory, services, queue):
    """It was provisioned and removed before it was made its stranger's: the provider's id must not let it in again."""
    await squat(services, mallory, f"ada@{acme.domain}", is_email_verified=True)
    made = await acme.make("ada")
    assert made["id"] == str(mallory.user_id)
    url, off = f"{acme.base}/Users/{made['id']}", {"op": "replace", "path": "active", "value": False}
    assert (await acme.client.patch(url, json={"Operations": [off]})).status_code == 200
    grace = await acme.make("grace")
    async with services.database.transaction() as db:
        await release_address(db, services, mallory.user_id)
    on = {"Operations": [{"op": "replace", "path": "active", "value": True}]}
    assert (await acme.client.patch(url, json=on)).status_code == 404
    await queue.drain()
    assert (await acme.client.get(url)).status_code == 404
    async with services.database.transaction(write=False) as db:
        named = select(scim_user.c.user_id).where(scim_user.c.domain_id == acme.domain_id)
        assert (await db.execute(named)).scalars().all() == [int(grace["id"])]
    assert await organizations_of(services, mallory.user_id) == [mallory.organization_id]
    assert (await acme.make("ada"))["id"] != made["id"]
