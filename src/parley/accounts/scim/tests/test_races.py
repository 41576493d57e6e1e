"""Changes of identity providers that come at the same time: all of them last, and none is answered by 500."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from parley.accounts.invitations.actions import create_invite
from parley.accounts.invitations.schemas import NewInvite
from parley.accounts.scim.tests.conftest import Provider
from parley.accounts.single_sign_on.actions import admit
from parley.accounts.single_sign_on.rules import ProvenIdentity


def operation(path: str, value: Any, op: str = "replace") -> dict[str, Any]:
    return {"Operations": [{"op": op, "path": path, "value": value}]}


async def made_groups(acme: Provider, *names: str) -> list[str]:
    """Return the URLs of new groups."""
    made = [await acme.client.post(f"{acme.base}/Groups", json={"displayName": one}) for one in names]
    return [f"{acme.base}/Groups/{one.json()['id']}" for one in made]


async def made_people(acme: Provider, *names: str) -> list[str]:
    return [str((await acme.make(one))["id"]) for one in names]


def statuses(answers: Sequence[httpx.Response]) -> list[int]:
    return sorted(one.status_code for one in answers)


async def test_what_is_changed_of_one_person_at_once_is_all_there(acme):
    [ada] = await made_people(acme, "ada")
    url = f"{acme.base}/Users/{ada}"
    wanted = {
        "externalId": "x",
        "name.givenName": "Augusta",
        "name.familyName": "King",
        "userName": "ada.king",
    }
    answers = await asyncio.gather(
        *(acme.client.patch(url, json=operation(path, value)) for path, value in wanted.items())
    )
    assert statuses(answers) == [200] * 4
    now = (await acme.client.get(url)).json()
    assert now["name"] == {"givenName": "Augusta", "familyName": "King"}
    assert (now["externalId"], now["userName"]) == ("x", "ada.king")


async def test_a_group_that_is_replaced_at_once_is_as_one_of_the_requests_says(acme):
    people = await made_people(acme, "ada", "grace", "joan", "mary")
    [url] = await made_groups(acme, "Support")
    wanted = {"a": people[:2], "b": people[2:], "c": people[1:3]}
    answers = await asyncio.gather(
        *(
            acme.client.put(
                url,
                json={
                    "displayName": "Support",
                    "externalId": id,
                    "members": [{"value": one} for one in members],
                },
            )
            for id, members in wanted.items()
        )
    )
    assert statuses(answers) == [200] * 3
    now = (await acme.client.get(url)).json()
    assert [one["value"] for one in now["members"]] == wanted[now["externalId"]]


async def test_one_of_many_gets_a_name_that_all_want_at_once(acme):
    groups = await made_groups(acme, "One", "Two", "Three")
    people = [f"{acme.base}/Users/{one}" for one in await made_people(acme, "ada", "grace", "joan")]
    for urls, body in (
        (groups, operation("displayName", "Same")),
        (people, operation("userName", "same")),
        (people, operation("active", True)),
    ):
        answers = await asyncio.gather(*(acme.client.patch(one, json=body) for one in urls))
        assert statuses(answers) == (
            [200] * 3 if urls is people and "active" in str(body) else [200, 409, 409]
        )
    answers = await asyncio.gather(*(acme.client.put(one, json=acme.person("eva")) for one in people))
    assert statuses(answers) == [200, 400, 400]
    answers = await asyncio.gather(
        *(acme.client.post(f"{acme.base}/Users", json=acme.person("new")) for _ in people)
    )
    assert statuses(answers) == [201, 409, 409]


async def test_what_ends_while_it_is_changed_is_changed_or_not_found(acme):
    [ada] = await made_people(acme, "ada")
    [group], person = await made_groups(acme, "Support"), f"{acme.base}/Users/{ada}"
    join = operation("members", [{"value": ada}], "add")
    off, on = operation("active", False), operation("active", True)
    ended, changed, made = await asyncio.gather(
        acme.client.delete(group),
        acme.client.patch(group, json=join),
        acme.client.post(f"{acme.base}/Groups", json={"displayName": "Support", "externalId": "x"}),
    )
    assert (ended.status_code, made.status_code) == (204, 201) and changed.status_code in (200, 404)
    assert (await acme.client.patch(person, json=off)).status_code == 200
    answers = await asyncio.gather(*(acme.client.patch(person, json=on) for _ in range(3)))
    assert statuses(answers) == [200] * 3
    answers = await asyncio.gather(*(acme.client.delete(person) for _ in range(3)))
    assert statuses(answers) == [204, 404, 404]


async def test_whoever_accepts_an_invitation_while_they_are_provisioned_is_in_once(acme, cast, services):
    email = f"lea@{acme.domain}"
    async with services.database.transaction() as db:
        new = NewInvite(target_email=email, level=1)
        organization_id = cast.alice.organization_id
        await create_invite(db, services, new, organization_id=organization_id, created_by=cast.alice.user_id)
    lea = ProvenIdentity(provider="google-oauth2", subject=email, email=email, vouches_for_domain=True)
    made, opened = await asyncio.gather(
        acme.client.post(f"{acme.base}/Users", json=acme.person("lea")), admit(services, lea)
    )
    assert made.status_code == 201 and opened.token
    found = await acme.client.get(f"{acme.base}/Users", params={"filter": f'userName eq "{email}"'})
    assert [(one["id"], one["active"]) for one in found.json()["Resources"]] == [(made.json()["id"], True)]


@pytest.mark.parametrize(("method", "many", "most_before"), [("PATCH", 60, 40), ("GET", 100, 75)])
async def test_a_queue_in_one_organization_keeps_no_other_one_waiting(
    acme, mallory, method, many, most_before
):
    """More requests than the server has connections to its database wait for each other."""
    [url] = await made_groups(acme, "Support")
    done: list[int] = []

    async def ask(number: int) -> None:
        body = operation("externalId", str(number)) if method == "PATCH" else None
        done.append((await acme.client.request(method, url, json=body)).status_code)

    # The first ticket of a process waits for statements to be prepared; that is not what this is about.
    await mallory.client.post(mallory.project.tickets, json={"distinct_id": "a"})
    asked = [asyncio.create_task(ask(number)) for number in range(many)]
    await asyncio.sleep(0)
    opened = await mallory.client.post(mallory.project.tickets, json={"distinct_id": "a"})
    assert opened.status_code == 201 and len(done) < most_before
    await asyncio.gather(*asked)
    assert done == [200] * many
