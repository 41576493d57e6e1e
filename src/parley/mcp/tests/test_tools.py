"""What tools take and show, through the official client."""

import json

import pytest

from parley.mcp.rules.tools import TOOLS
from parley.mcp.rules.tools.tickets import IN_LISTS
from parley.mcp.tests.clients import call, mcp_client, refusal, unmarked

NEW_TICKET = {"email": "carol@customers.example", "name": "Carol", "message": "My parcel is lost."}
MODES = pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])


@MODES
async def test_a_list_shows_the_fields_of_the_table_and_a_link_to_each_page(app, alice, api, project, mode):
    opened = (await api.post(project.tickets, json=NEW_TICKET)).json()
    async with mcp_client(app, alice.key, mode) as client:
        listed = await call(client, "conversations-tickets-list")
    [one] = listed["results"]
    assert (listed["count"], listed["next_offset"]) == (1, None)
    assert {*one} == {*IN_LISTS, "_posthogUrl"}
    assert (one["id"], one["status"]) == (opened["id"], "new")
    assert one["_posthogUrl"].endswith(f"/inbox/{opened['ticket_number']}")
    assert unmarked(one["last_message_text"]) == "My parcel is lost."


async def test_a_ticket_is_found_by_its_number_and_stays_unread(app, alice, api, project):
    opened = (await api.post(project.tickets, json=NEW_TICKET)).json()
    async with mcp_client(app, alice.key) as client:
        shown = await call(client, "conversations-tickets-retrieve", id=opened["ticket_number"])
        messages = await call(client, "conversations-tickets-messages-retrieve", id=opened["id"])
        unread = await call(client, "conversations-tickets-unread-count-retrieve")
    assert shown["id"] == opened["id"]
    assert json.loads(unmarked(shown["anonymous_traits"]))["name"] == "Carol"
    assert unmarked(messages["results"][0]["content"]) == "My parcel is lost."
    assert shown["unread_team_count"] == unread["count"] == 1


@MODES
async def test_an_answer_a_note_and_a_change_are_what_the_api_would_store(app, alice, api, project, mode):
    id = (await api.post(project.tickets, json=NEW_TICKET)).json()["id"]
    async with mcp_client(app, alice.key, mode) as client:
        await call(client, "conversations-tickets-reply-create", id=id, message="We look for it.")
        note = await call(client, "conversations-tickets-notes-create", id=id, message="Ask the courier")
        changed = {"id": id, "message_id": note["id"], "message": "Ask both couriers"}
        await call(client, "conversations-tickets-notes-partial-update", **changed)
        await call(client, "conversations-tickets-update", id=id, status="pending", priority="high")
    said = (await api.get(f"{project.tickets}{id}/messages/")).json()["results"]
    assert [(one["content"], one["is_private"]) for one in said[1:]] == [
        ("We look for it.", False),
        ("Ask both couriers", True),
    ]
    ticket = (await api.get(f"{project.tickets}{id}/")).json()
    assert (ticket["status"], ticket["priority"]) == ("pending", "high")


async def test_a_deleted_note_is_gone_for_the_api(app, alice, api, project):
    id = (await api.post(project.tickets, json=NEW_TICKET)).json()["id"]
    async with mcp_client(app, alice.key) as client:
        note = await call(client, "conversations-tickets-notes-create", id=id, message="Ask the courier")
        done = await call(client, "conversations-tickets-notes-destroy", id=id, message_id=note["id"])
        again = await refusal(client, "conversations-tickets-notes-destroy", id=id, message_id=note["id"])
    assert done["done"]
    assert again == "Note not found."


async def test_lists_go_on_at_their_next_offset(app, alice, api, project):
    for name in ("one", "two", "three"):
        await api.post(project.tickets, json={**NEW_TICKET, "message": name})
    paged = {"limit": 2, "order_by": "created_at"}
    async with mcp_client(app, alice.key) as client:
        first = await call(client, "conversations-tickets-list", **paged)
        rest = await call(client, "conversations-tickets-list", **paged, offset=first["next_offset"])
    said = [unmarked(one["last_message_text"]) for one in (*first["results"], *rest["results"])]
    assert said == ["one", "two", "three"]
    assert rest["next_offset"] is None


async def test_lists_take_their_filters(app, alice, api, project):
    await api.post(project.tickets, json={**NEW_TICKET, "tags": ["vip"]})
    await api.post(project.tickets, json={**NEW_TICKET, "status": "open"})
    async with mcp_client(app, alice.key) as client:
        by_status = await call(client, "conversations-tickets-list", status="open")
        by_tag = await call(client, "conversations-tickets-list", tags='["vip"]')
    assert [one["status"] for one in by_status["results"]] == ["open"]
    assert [one["status"] for one in by_tag["results"]] == ["new"]


async def test_the_error_of_the_api_comes_back_as_its_sentence(app, alice, api, project):
    id = (await api.post(project.tickets, json=NEW_TICKET)).json()["id"]
    async with mcp_client(app, alice.key) as client:
        blank = await refusal(client, "conversations-tickets-reply-create", id=id, message=" ")
        unknown = await refusal(client, "conversations-tickets-update", id=id, status="asleep")
        missing = await refusal(client, "conversations-tickets-retrieve", id="999999")
    api_says = (await api.post(f"{project.tickets}{id}/reply/", json={"message": " "})).json()
    assert api_says["detail"] in blank
    assert "message" in blank
    assert "status" in unknown
    assert "not_found" in missing


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"id": "1", "colour": "red"}, "no input `colour`"),
        ({}, "`id` is required"),
        ({"id": "../persons"}, "`id` is not valid"),
        ({"id": ".."}, "`id` is not valid"),
        ({"id": "1?x=1"}, "`id` is not valid"),
        ({"id": "%2e%2e"}, "`id` is not valid"),
        ({"id": ["1"]}, "`id` must be a text or a number"),
        ({"id": True}, "`id` must be a text or a number"),
        ({"id": "1", "project_id": "1/../2"}, "`project_id` is not valid"),
        ({"id": "1" * 501}, "`id` is not valid"),
    ],
)
async def test_inputs_that_make_no_request_are_refused_in_a_sentence(app, alice, arguments, said):
    async with mcp_client(app, alice.key) as client:
        assert said in await refusal(client, "conversations-tickets-retrieve", **arguments)


async def test_a_call_that_is_sent_again_with_its_key_happens_once(app, alice, api, project):
    id = (await api.post(project.tickets, json=NEW_TICKET)).json()["id"]
    answer = {"id": id, "message": "We look for it.", "idempotency_key": "a1"}
    async with mcp_client(app, alice.key) as client:
        first = await call(client, "conversations-tickets-reply-create", **answer)
        again = await call(client, "conversations-tickets-reply-create", **answer)
        other = await refusal(client, "conversations-tickets-reply-create", **{**answer, "message": "No"})
        odd = await refusal(client, "conversations-tickets-reply-create", **{**answer, "idempotency_key": 5})
        tools = {one.name: one.input_schema["properties"] for one in (await client.list_tools()).tools}
    assert first["id"] == again["id"]
    assert "idempotency_key_reused" in other
    assert "must be a text" in odd
    assert (await api.get(f"{project.tickets}{id}/messages/")).json()["count"] == 2
    assert "idempotency_key" not in tools["conversations-tickets-list"]


async def test_objects_and_lists_may_be_texts_of_json_as_many_clients_write_them(app, alice, api, project):
    id = (await api.post(project.tickets, json=NEW_TICKET)).json()["id"]
    mine = json.dumps({"type": "user", "id": alice.user_id})
    async with mcp_client(app, alice.key) as client:
        await call(client, "conversations-tickets-update", id=id, tags='["vip", "7"]', assignee=mine)
        kept = await call(
            client, "conversations-tickets-reply-create", id=id, message='["vip"]', is_private="true"
        )
        odd = await refusal(client, "conversations-tickets-update", id=id, tags="[vip")
    shown = (await api.get(f"{project.tickets}{id}/")).json()
    assert (shown["tags"], shown["assignee"]["id"]) == (["7", "vip"], alice.user_id)
    assert (unmarked(kept["content"]), kept["is_private"]) == ('["vip"]', True)
    assert "tags" in odd


async def test_schemas_and_hints_say_what_a_tool_is(app, alice):
    async with mcp_client(app, alice.key) as client:
        tools = {one.name: one for one in (await client.list_tools()).tools}
    assert {*tools} == {"projects-list", *(tool.name for tool in TOOLS)}
    update = tools["conversations-tickets-update"].input_schema
    assert update["properties"]["status"]["enum"] == ["new", "on_hold", "open", "pending", "resolved"]
    assert update["required"] == ["id"]
    assert not {"anonymous_traits", "ai_resolved", "escalation_reason"} & {*update["properties"]}
    hints = {name: one.annotations for name, one in tools.items() if one.annotations}
    assert hints["conversations-tickets-list"].read_only_hint
    assert not hints["conversations-tickets-list"].destructive_hint
    assert hints["conversations-tickets-notes-destroy"].destructive_hint
    assert hints["conversations-tickets-update"].idempotent_hint
    assert not hints["conversations-tickets-reply-create"].read_only_hint
    assert not hints["conversations-tickets-reply-create"].idempotent_hint
    assert hints["conversations-tickets-reply-create"].open_world_hint
