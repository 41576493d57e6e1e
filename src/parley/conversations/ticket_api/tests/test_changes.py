"""Retrieving, changing and deleting tickets."""

import pytest

from tests.cast import Member


async def test_a_ticket_is_found_by_uuid_and_by_number(desk):
    opened = await desk.open()
    assert (await desk.ticket(1)) == (await desk.ticket(opened["id"])) == opened
    assert (await desk.ticket(opened["id"].upper())) == opened
    for other in (f"{{{opened['id']}}}", f"urn:uuid:{opened['id']}", opened["id"].replace("-", "")):
        assert (await desk.client.get(f"{desk.tickets}{other}/")).status_code == 404


@pytest.mark.parametrize(
    "key", ["2", "0", "²", "x", "01a1fdb4-75be-74e3-9fe6-93fa4c1b1cf1", "9" * 30, "1.5", "%00"]
)
async def test_what_names_no_ticket_is_not_found(desk, key):
    await desk.open()
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        answer = await desk.client.request(method, f"{desk.tickets}{key}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_another_projects_ticket_is_not_found_below_ones_own(desk, mallory: Member):
    opened = await desk.open()
    theirs = f"{mallory.project.tickets}{opened['id']}/"
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        assert (await mallory.client.request(method, theirs)).status_code == 404
        assert (await mallory.client.request(method, f"{desk.tickets}{opened['id']}/")).status_code == 403
    assert (await desk.ticket(1))["status"] == "new"


async def test_retrieving_marks_as_read_and_leaves_updated_at(desk):
    opened = await desk.open(message="Hello")
    assert (opened["unread_team_count"], await desk.unread()) == (1, 1)
    shown = await desk.ticket(1)
    assert shown == {**opened, "unread_team_count": 0}
    assert (await desk.listed())["results"] == [shown]
    assert await desk.unread() == 0


UNSEEN = [
    ("HEAD", {}),
    ("GET", {"Sec-Purpose": "prefetch"}),
    ("GET", {"Sec-Purpose": "prefetch;prerender"}),
    ("GET", {"Purpose": "prefetch"}),
    ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
    ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"}),
]


@pytest.mark.parametrize(("method", "headers"), UNSEEN)
async def test_what_nobody_looks_at_marks_nothing_as_read(desk, method, headers):
    opened = await desk.open(message="Hello")
    answer = await desk.client.request(method, f"{desk.tickets}1/", headers=headers)
    assert answer.status_code == 200
    assert method == "HEAD" or answer.json() == opened
    assert await desk.unread() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},  # a program in a page, with a key
    ],
)
async def test_what_somebody_looks_at_is_read(desk, headers):
    await desk.open(message="Hello")
    await desk.client.get(f"{desk.tickets}1/", headers=headers)
    assert await desk.unread() == 0


async def test_a_key_that_only_reads_marks_as_read_too(desk, cast, alice):
    opened = await desk.open(message="Hello")
    reader = await cast.make_key(alice, ["ticket:read"])
    assert (await reader.get(f"{desk.tickets}1/")).json() == {**opened, "unread_team_count": 0}
    assert await desk.unread() == 0


async def test_messages_and_lists_mark_nothing_as_read(desk):
    opened = await desk.open(message="Hello")
    await desk.listed()
    await desk.client.get(f"{desk.tickets}1/messages/")
    assert (await desk.listed())["results"][0]["unread_team_count"] == opened["unread_team_count"] == 1


async def test_open_pages_hear_when_a_ticket_is_read(desk, services):
    opened = await desk.open(message="Hello")
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        await desk.ticket(1)
        await desk.ticket(1)
        notice = notices.get_nowait()
        assert notices.empty()
    assert (notice.name, notice.data) == ("ticket.changed", {"ticket_id": opened["id"], "number": 1})


async def test_every_writable_field_can_be_changed_at_once(desk, alice):
    await desk.open()
    fields = {
        "status": "pending", "priority": "critical", "anonymous_traits": {"name": "Ada", "n": [1, {"a": None}]},
        "ai_resolved": True, "escalation_reason": "angry", "sla_due_at": "2030-01-01T10:00:00Z",
        "snoozed_until": "2030-02-01T00:00:00.5Z", "tags": ["vip"],
        "assignee": {"type": "user", "id": alice.user_id},
    }  # fmt: skip
    changed = await desk.change(1, **fields)
    user = {"id": alice.user_id, "type": "user", "user": {"email": alice.email}, "role": None}
    after = {**fields, "assignee": user, "snoozed_until": "2030-02-01T00:00:00.500000Z"}
    assert {name: changed[name] for name in fields} == after
    assert await desk.ticket(1) == changed


async def test_what_is_read_only_or_unknown_is_ignored(desk):
    opened = await desk.open()
    ignored = {
        "ticket_number": 9,
        "uuid": "x",
        "message_count": 5,
        "unread_team_count": 7,
        "bogus": 1,
        "person": {},
    }
    assert await desk.change(1, **ignored) == opened


async def test_put_changes_what_it_names_like_patch(desk):
    await desk.open(priority="high")
    answer = await desk.client.put(f"{desk.tickets}1/", json={"status": "open"})
    assert (answer.status_code, answer.json()["status"], answer.json()["priority"]) == (200, "open", "high")


async def test_a_change_that_changes_nothing_leaves_updated_at(desk):
    await desk.open(tags=["a"], priority="low", anonymous_traits={"n": 1})
    before = await desk.change(1, sla_due_at="2030-01-01T10:00:00Z", assignee=None)
    same = {
        "status": "new", "priority": "low", "tags": [" A "], "anonymous_traits": {"n": 1}, "assignee": None,
        "sla_due_at": "2030-01-01T11:00:00+01:00", "snoozed_until": None,
    }  # fmt: skip
    assert await desk.change(1, **same) == before
    assert (await desk.change(1, tags=["b"]))["updated_at"] > before["updated_at"]


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([{"snoozed_until": "2030-01-01T00:00:00Z"}], "on_hold"),
        ([{"snoozed_until": "2030-01-01T00:00:00Z"}, {"snoozed_until": None}], "open"),
        ([{"snoozed_until": "2030-01-01T00:00:00Z", "status": "pending"}], "pending"),
        (
            [
                {"snoozed_until": "2030-01-01T00:00:00Z"},
                {"status": "new"},
                {"snoozed_until": "2031-01-01T00:00:00Z"},
            ],
            "new",
        ),
        ([{"snoozed_until": None}], "resolved"),
    ],
)
async def test_snoozing_moves_the_status_unless_the_request_names_one(desk, steps, status):
    await desk.open(status="resolved")
    for step in steps:
        changed = await desk.change(1, **step)
    assert changed["status"] == status
    assert (await desk.listed(status=status))["count"] == 1


async def test_every_status_may_follow_every_other(desk):
    await desk.open()
    for status in ("resolved", "new", "on_hold", "pending", "open", "resolved"):
        assert (await desk.change(1, status=status))["status"] == status
        assert (await desk.listed(status=status))["count"] == (await desk.listed())["count"] == 1


BAD = [
    ({"status": "closed"}, "status", "invalid_choice"),
    ({"status": None}, "status", "null"),
    ({"status": 5}, "status", None),
    ({"priority": "urgent"}, "priority", "invalid_choice"),
    ({"anonymous_traits": []}, "anonymous_traits", "invalid_input"),
    ({"anonymous_traits": None}, "anonymous_traits", "null"),
    ({"ai_resolved": "maybe"}, "ai_resolved", "invalid_input"),
    ({"sla_due_at": "tomorrow"}, "sla_due_at", "invalid_input"),
    ({"sla_due_at": 2**70}, "sla_due_at", "invalid_input"),
    ({"snoozed_until": "2030-13-01T00:00:00Z"}, "snoozed_until", "invalid_input"),
    ({"snoozed_until": "9999-12-31T23:59:59.999999Z"}, "snoozed_until", "invalid_input"),
    ({"sla_due_at": "0001-01-01T00:00:00Z"}, "sla_due_at", "invalid_input"),
    ({"tags": "vip"}, "tags", "invalid_input"),
    ({"tags": [5]}, "tags__0", "invalid_input"),
    ({"tags": ["a", "x" * 256]}, "tags__1", "max_length"),
    ({"tags": [str(index) for index in range(101)]}, "tags", "max_length"),
    ({"escalation_reason": "nul\x00"}, "escalation_reason", "null_characters_not_allowed"),
    ({"assignee": "alice"}, "assignee", "invalid_input"),
    ({"assignee": {"type": "user", "id": 2**31}}, "assignee", "invalid_input"),
    (
        {"assignee": {"type": "role", "id": "01a1fdb4-75be-74e3-9fe6-93fa4c1b1cf1"}},
        "assignee",
        "invalid_input",
    ),
]


@pytest.mark.parametrize(("fields", "attr", "code"), BAD)
async def test_nothing_is_stored_unless_everything_is_valid(desk, fields, attr, code):
    before = await desk.open(tags=["a"])
    valid = {"status": "open", "priority": "low", "tags": ["b"], "sla_due_at": "2030-01-01T00:00:00Z"}
    answer = await desk.client.patch(f"{desk.tickets}1/", json={**valid, **fields})
    body = answer.json()
    assert (answer.status_code, body["type"], body["attr"]) == (400, "validation_error", attr), body
    assert code is None or body["code"] == code
    assert await desk.ticket(1) == before


async def test_a_stranger_or_a_foreign_role_cannot_be_the_assignee(desk, mallory, database):
    role_id = await role_named(database, mallory.organization_id)
    await desk.open()
    for assignee, detail in (
        ({"type": "user", "id": mallory.user_id}, "user is not a member of this organization"),
        ({"type": "role", "id": str(role_id)}, "role does not belong to this organization"),
    ):
        answer = await desk.client.patch(f"{desk.tickets}1/", json={"assignee": assignee})
        assert answer.status_code == 400 and detail in answer.json()["detail"]
    assert (await desk.ticket(1))["assignee"] is None


async def role_named(database, organization_id, name="Hedgehog keepers"):
    """Store a role straight in the tables."""
    from datetime import UTC, datetime

    from sqlalchemy import insert

    from parley.accounts.roles.tables import role
    from parley.kernel.ids import new_uuid

    id = new_uuid()
    row = {"id": id, "organization_id": organization_id, "name": name, "created_at": datetime.now(UTC)}
    async with database.transaction() as db:
        await db.execute(insert(role).values(row))
    return id


async def test_a_role_can_be_the_assignee_and_gives_way_to_a_user(desk, alice, database):
    role_id = await role_named(database, alice.organization_id)
    await desk.open()
    changed = await desk.change(1, assignee={"type": "role", "id": str(role_id)})
    assert changed["assignee"] == {
        "id": str(role_id),
        "type": "role",
        "user": None,
        "role": {"name": "Hedgehog keepers"},
    }
    changed = await desk.change(1, assignee={"type": "user", "id": str(alice.user_id)})
    assert (changed["assignee"]["id"], changed["assignee"]["role"]) == (alice.user_id, None)
    assert (await desk.change(1, assignee=None))["assignee"] is None


async def test_a_form_can_change_a_ticket(desk):
    await desk.open()
    form = {"status": "open", "tags": '["a","b"]', "ai_resolved": "true"}
    answer = await desk.client.patch(f"{desk.tickets}1/", data=form)
    assert (answer.json()["status"], answer.json()["tags"], answer.json()["ai_resolved"]) == (
        "open",
        ["a", "b"],
        True,
    )


async def test_a_deleted_ticket_is_gone_everywhere(desk, customer):
    opened = await desk.open(message="Hello")
    reply = await desk.say(opened, "Hi")
    await desk.delete(1)
    for path in (f"{desk.tickets}1/", f"{desk.tickets}{opened['id']}/", f"{desk.tickets}1/messages/"):
        assert (await desk.client.get(path)).status_code == 404
    assert (await desk.client.delete(f"{desk.tickets}1/")).status_code == 404
    assert (await desk.client.patch(f"{desk.tickets}1/", json={"status": "open"})).status_code == 404
    assert (await desk.client.get(f"{desk.comments}{reply['id']}/")).status_code == 404
    assert (
        await desk.client.patch(f"{desk.comments}{reply['id']}/", json={"content": "x"})
    ).status_code == 404
    assert (await desk.client.get(desk.comments)).json()["results"] == []
    assert (await desk.listed())["count"] == 0 and await desk.unread() == 0
    assert (await desk.open())["ticket_number"] == 2


async def test_a_member_may_delete(desk, bob: Member):
    opened = await desk.open()
    shown = (await bob.client.get(f"{desk.tickets}1/")).json()
    assert (shown["user_access_level"], opened["user_access_level"]) == ("editor", "manager")
    assert (await bob.client.delete(f"{desk.tickets}1/")).status_code == 204


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [(["ticket:read"], {"GET"}), (["ticket:write"], {"GET", "PATCH"}), (["person:write"], set())],
)
async def test_keys_need_the_scopes_of_tickets(desk, cast, alice, scopes, allowed):
    await desk.open()
    client = await cast.make_key(alice, scopes)
    for method, scope in (("GET", "ticket:read"), ("PATCH", "ticket:write")):
        answer = await client.request(
            method, f"{desk.tickets}1/", json={"status": "nonsense"} if method == "PATCH" else None
        )
        if method in allowed:
            assert answer.status_code == (200 if method == "GET" else 400)
        else:
            assert answer.status_code == 403
            assert answer.json()["detail"] == f"API key missing required scope '{scope}'"


async def test_the_unread_count_follows_resolving_and_reopening(desk, customer):
    received = await customer.write("Hello")
    assert await desk.unread() == 1
    await desk.change(str(received.ticket_id), status="resolved")
    assert await desk.unread() == 0
    await desk.change(str(received.ticket_id), status="open")
    assert await desk.unread() == 1


async def test_the_unread_count_is_remembered(desk, database, monkeypatch):
    await desk.open(message="Hello")
    assert await desk.unread() == 1

    async def refuse(prepared, **values):
        raise AssertionError("the number was counted anew")

    from parley.conversations.ticket_list.queries import unread

    counting = unread._unread("all")
    read = database.read

    async def watched(prepared, **values):
        return await (refuse if prepared is counting else read)(prepared, **values)

    monkeypatch.setattr(database, "read", watched)
    assert await desk.unread() == 1


async def test_the_unread_count_is_zero_where_conversations_are_off(desk, database, services):
    from sqlalchemy import update

    from parley.accounts.projects.tables import project

    await desk.open(message="Hello")
    async with database.transaction() as db:
        await db.execute(
            update(project).where(project.c.id == desk.project.id).values(conversations_enabled=False)
        )
    await services.live.publish("accounts", "project.changed")
    assert await desk.unread() == 0


async def test_the_unread_count_has_no_other_keys(desk):
    assert (await desk.client.get(f"{desk.tickets}unread_count")).json() == {"count": 0}


async def test_a_dead_cache_costs_time_and_nothing_else(desk, services, monkeypatch):
    from parley.kernel.redis.cache import RedisCache

    dead = RedisCache("redis://127.0.0.1:1")
    monkeypatch.setattr(services, "cache", dead)
    opened = await desk.open(message="Hello")
    assert await desk.unread() == 1
    await desk.change(opened["id"], status="resolved")
    assert await desk.unread() == 0
    await dead.close()


async def test_a_form_names_each_tag_by_itself(desk):
    ticket = await desk.open(tags=["old"])
    form = {"tags": ["billing", "vip"], "status": "pending"}
    answer = await desk.client.patch(f"{desk.tickets}{ticket['id']}/", data=form)
    assert (answer.status_code, answer.json()["tags"]) == (200, ["billing", "vip"])
    answer = await desk.client.patch(f"{desk.tickets}{ticket['id']}/", data={"tags": ""})
    assert (answer.status_code, answer.json()["tags"]) == (200, [])
