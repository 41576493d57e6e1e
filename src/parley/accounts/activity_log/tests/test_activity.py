"""The activity log: what is written is listed, newest first, to those who may see it."""

from parley.accounts.activity_log.actions import record, record_all
from parley.accounts.activity_log.schemas import Change, Detail, Entry, Trigger
from parley.kernel.ids import new_uuid


def log_of(member):
    return f"/api/projects/{member.project_id}/activity_log/"


def entry(member, services, item_id="1", activity="updated", **given):
    detail = Detail(name="Ticket #1", changes=[Change("Ticket", "changed", "status", "new", "open")])
    known = {
        "project_id": member.project_id,
        "user_id": member.user_id,
        "scope": "Ticket",
        "detail": detail,
        "created_at": services.clock.now(),
    }
    return Entry(item_id=item_id, activity=activity, **(known | given))


async def written(services, *entries):
    async with services.database.transaction() as db:
        await record(db, *entries)


async def test_an_entry_has_exactly_the_documented_shape(services, alice):
    await written(services, entry(alice, services))
    answer = (await alice.client.get(log_of(alice))).json()
    assert answer | {"results": []} == {"count": 1, "next": None, "previous": None, "results": []}
    (found,) = answer["results"]
    assert found.keys() == {
        "id", "user", "activity", "scope", "item_id", "detail", "created_at", "was_impersonated",
    }  # fmt: skip
    assert found["user"]["email"] == alice.email and found["user"].keys() >= {"uuid", "distinct_id"}
    change = {"type": "Ticket", "action": "changed", "field": "status", "before": "new", "after": "open"}
    assert found["detail"] == {"name": "Ticket #1", "short_id": None, "changes": [change]}
    assert found["created_at"].endswith("Z") and found["was_impersonated"] is False


async def test_the_system_has_no_user_and_may_name_its_trigger(services, alice):
    flow = Trigger("hog_flow", str(new_uuid()))
    await written(services, entry(alice, services, user_id=None, detail=Detail(name="x", trigger=flow)))
    (found,) = (await alice.client.get(log_of(alice))).json()["results"]
    assert found["user"] is None
    assert found["detail"]["trigger"] == {"job_type": "hog_flow", "job_id": flow.job_id}


async def test_entries_come_newest_first_and_page_by_page(services, alice):
    async with services.database.transaction() as db:
        await record_all(db, [entry(alice, services, str(number)) for number in range(7)])
    found, url = [], log_of(alice) + "?limit=3"
    while url:
        page = (await alice.client.get(url)).json()
        assert page["count"] == 7
        found += [one["item_id"] for one in page["results"]]
        url = page["next"]
    assert found == list("6543210")


async def test_the_list_is_narrowed_by_scope_and_item(services, alice):
    await written(
        services,
        entry(alice, services, "a"),
        entry(alice, services, "b"),
        entry(alice, services, "a", scope="Role"),
    )

    async def n(query):
        return (await alice.client.get(log_of(alice) + query)).json()["count"]

    assert [await n(q) for q in ("?scope=Ticket", "?scope=Ticket&item_id=a", "?item_id=a")] == [2, 1, 2]
    assert [await n(q) for q in ("?scope=%00", "?item_id=zzz", "?scope=&item_id=")] == [0, 0, 3]


async def test_other_projects_see_nothing_of_it(services, alice, mallory):
    await written(services, entry(alice, services))
    assert (await mallory.client.get(log_of(mallory))).json()["count"] == 0
    assert (await mallory.client.get(log_of(alice))).status_code == 403


async def test_a_key_needs_the_scope(cast, alice):
    for scopes, status in ((["activity_log:read"], 200), (["ticket:write"], 403)):
        client = await cast.make_key(alice, scopes)
        assert (await client.get(log_of(alice))).status_code == status


async def test_nothing_is_written_when_the_change_is_undone(services, alice):
    try:
        async with services.database.transaction() as db:
            await record(db, entry(alice, services))
            raise RuntimeError("undone")
    except RuntimeError:
        pass
    assert (await alice.client.get(log_of(alice))).json()["count"] == 0
