"""The list of the audit log, its file, and how old entries end."""

import csv
import io
import json
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from parley.accounts.audit_log.actions import clear_old_entries, record
from parley.accounts.audit_log.tables import audit_entry, audit_search_text
from parley.kernel.ids import new_uuid

EXAMPLES = [
    ("member.joined", ("member", "u1", "Jonas Wolf"), None),
    ("api_key.made", ("api_key", "k1", "=HYPERLINK(1)"), None),
    ("domain.verified", ("domain", "d1", "example.com"), None),
    ("member.level_changed", ("member", "u1", "Jonas Wolf"), ({"level": "member"}, {"level": "admin"})),
]


@pytest.fixture
def path(alice):
    return f"/api/organizations/{alice.organization_id}/audit_log/"


@pytest_asyncio.fixture
async def entries(database, services, alice, clock):
    """One entry a minute; return their moments."""
    moments = []
    clock.freeze()
    for action, target, change in EXAMPLES:
        clock.advance(timedelta(minutes=1))
        moments.append(clock.now())
        before, after = change or (None, None)
        async with database.transaction() as db:
            await record(
                db,
                services,
                organization_id=alice.organization_id,
                action=action,
                by=alice.user_id,
                target=target,
                before=before,
                after=after,
            )
    return moments


async def actions(client, path, **params):
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [one["action"] for one in answer.json()["results"]]


@pytest.mark.parametrize("few", [0, 2000], ids=["found on the way", "collected first"])
async def test_a_search_finds_exactly_what_holds_the_text(
    api, path, alice, entries, database, clock, monkeypatch, few
):
    """Those from before texts were kept apart, too."""
    monkeypatch.setattr("parley.accounts.audit_log.queries.FEW", few)
    older = {"organization_id": alice.organization_id, "created_at": clock.now() - timedelta(days=9)}
    texts = ["jonas in 192.0.2.7", "example.net"]
    rows = [
        older | {"id": new_uuid(), "action": f"old.{n}", "search_text": one} for n, one in enumerate(texts)
    ]
    async with database.transaction() as db:
        await db.execute(insert(audit_entry), rows)
    found = {
        "JONAS": ["member.level_changed", "member.joined", "old.0"],
        "xample.": ["member.level_changed", "domain.verified", "api_key.made", "member.joined", "old.1"],
        "192.0.2.7": ["old.0"],
        "%": [],
        "nobody": [],
    }
    for text, expected in found.items():
        assert await actions(api, path, search=text) == expected, text
        answer = (await api.get(path, params={"search": text, "limit": 2})).json()
        assert answer["count"] == len(expected), text
        seen = [one["action"] for one in answer["results"]]
        while answer["next"]:
            answer = (await api.get(answer["next"])).json()
            seen += [one["action"] for one in answer["results"]]
        assert seen == expected, text
    assert await actions(api, path, search="jonas", action="member.joined") == ["member.joined"]


async def test_entries_are_listed_newest_first_page_by_page(api, path, alice, entries):
    first = (await api.get(path, params={"limit": 3})).json()
    assert first["count"] == 4
    newest = first["results"][0]
    assert newest["summary"] == "Alice Example changed the level of Jonas Wolf from member to admin"
    assert newest["user"] == {"id": alice.user_id, "name": "Alice Example", "email": alice.email}
    assert (newest["before"], newest["address"]) == ({"level": "member"}, None)
    rest = (await api.get(first["next"])).json()
    assert [one["action"] for one in rest["results"]] == ["member.joined"] and rest["next"] is None


async def test_entries_are_found_by_filters(api, path, alice, bob, entries):
    one, two, three, four = reversed([name for name, _, _ in EXAMPLES])
    for params, found in [
        ({"user": alice.user_id}, [one, two, three, four]),
        ({"user": str(alice.user_uuid), "action": "domain.verified"}, [two]),
        ({"user": bob.user_id}, []),
        ({"target_type": "member"}, [one, four]),
        ({"target_type": "member", "target_id": "u1"}, [one, four]),
        ({"after": entries[2].isoformat()}, [one, two]),
        ({"before": entries[1].isoformat()}, [four]),
        ({"search": "JONAS w"}, [one, four]),
        ({"search": "100%"}, []),
    ]:
        assert await actions(api, path, **params) == found, params


@pytest.mark.parametrize(
    "params", [{"after": "yesterday"}, {"before": "9999-99-99"}, {"user": "bob"}, {"target_id": "1"},
               {"search": "x" * 301}, {"action": "x" * 65}]
)  # fmt: skip
async def test_a_filter_that_cannot_be_read_is_refused(api, path, params):
    answer = await api.get(path, params=params)
    assert (answer.status_code, answer.json()["type"]) == (400, "validation_error")


async def test_only_admins_of_the_organization_read_it(api, path, bob, mallory, cast, alice, entries):
    for address in (path, f"{path}export/"):
        assert (await bob.client.get(address)).status_code == 403
        assert (await mallory.client.get(address)).status_code == 403
        weak = await cast.make_key(alice, ["ticket:read"])
        assert (await weak.get(address)).status_code == 403
        assert (await api.delete(address)).status_code == 405
    other = f"/api/organizations/{mallory.organization_id}/audit_log/"
    assert await actions(mallory.client, other) == []


async def test_the_export_has_the_filters_of_the_list_and_no_formula(api, path, entries):
    answer = await api.get(f"{path}export/", params={"target_type": "api_key"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["target_name"] == "'=HYPERLINK(1)" and row["action"] == "api_key.made"
    lines = (await api.get(f"{path}export/", params={"format": "jsonl"})).text.splitlines()
    assert [json.loads(one)["action"] for one in lines][:2] == ["audit_log.exported", "audit_log.exported"]
    assert len(lines) == len(EXAMPLES) + 2
    assert (await api.get(f"{path}export/", params={"format": "xml"})).status_code == 400


async def test_old_entries_are_cleared_and_an_entry_says_so(
    api, path, alice, database, services, clock, entries
):
    clock.advance(timedelta(days=services.settings.audit_log_days + 32))
    n_cleared = []
    for _ in range(2):
        async with database.transaction() as db:
            n_cleared.append(await clear_old_entries(db, services))
    assert n_cleared[0] >= len(EXAMPLES) and n_cleared[1] == 0  # other tests have left some, too
    assert await actions(api, path) == ["audit_log.cleared"]
    found = (await api.get(path, params={"search": "jonas"})).json()
    assert (found["count"], found["results"]) == (0, [])
    mine = audit_search_text.c.organization_id == alice.organization_id
    async with database.transaction(write=False) as db:
        assert (await db.execute(select(audit_search_text.c.text).where(mine))).scalars().all() == [""]
