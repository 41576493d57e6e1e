"""Nobody reaches another organization's things by naming them: in no path, no query and no body of the document."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import or_, select

from parley.accounts.roles.tables import role_membership
from parley.kernel.database.columns import metadata
from parley.kernel.database.database import Database
from tests.cast import Cast, Member
from tests.openapi_world import DOCUMENT, FREELY_NAMED, PARAMETER, World, build, filled, good_request

SUSPECT = re.compile(
    r"(^|_)(ids?|uuid|users?|teams?|organizations?|projects?|persons?|roles?|tickets?|item|comment|assignee|members?)(_|$)"
)
HARMLESS = {
    "role_at_organization",
    "session_id",
    "item_context",
    "identity_distinct_id",
    "members_can_use_personal_api_keys",
    "last_event_id",
    "conversion_rule_id",
    "ad_account_id",
    "saml_entity_id",
    "target_id",
    "id",
}
"""These name nothing that Parley keeps: what LinkedIn has, a place, or a thing in a log of their own. Or a signature proves
what they name."""
VIEWS = "/api/projects/{project_id}/conversations/views"
ALLOWED = {"distinct_id", "recipient_distinct_id", "widget_session_id", "person_id", "item_id", "ids"}
"""These are names that anybody may use for things of their own, filters, or lists: they find nothing."""


@pytest_asyncio.fixture
async def theirs(cast: Cast) -> World:
    """What alice has."""
    return await build(cast, cast.alice)


@pytest_asyncio.fixture
async def ours(cast: Cast) -> World:
    """What mallory has, who looks for alice's things."""
    return await build(cast, cast.mallory)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and description of every operation that asks who is calling."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if operation["security"]:
                yield path, method.upper(), operation


def fields_of(operation: dict[str, Any]) -> set[str]:
    """Return the names of the fields of an operation's body."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    return set(DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {}))


def query_of(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}


def foreign_values(world: World, member: Member) -> dict[str, list[Any]]:
    """Return what each field of a body may be made to name."""
    ids = world.ids
    return {
        **{
            name: [ids[name]] for name in ("user_uuid", "item_id", "source_comment", "ticket_id", "person_id")
        },
        **{name: [ids[name]] for name in ("widget_session_id", "distinct_id")},
        "recipient_distinct_id": [ids["distinct_id"]],
        "person_uuid": [ids["person_id"]],
        "assignee": [{"type": "user", "id": member.user_id}, {"type": "role", "id": ids["role_id"]}],
        "set_current_organization": [ids["organization_id"]],
        "set_current_team": [member.project_id],
        "scoped_organizations": [[ids["organization_id"]]],
        "scoped_teams": [[member.project_id]],
        "email_config_id": [ids["channel_id"]],
        "config_id": [ids["channel_id"]],
        # A real one of another project is tried in src/parley/inbox/new_conversation/tests/test_by_text.py.
        "sms_channel_id": [ids["channel_id"]],
        "owner_id": [member.user_id],
        "work_id": [ids["role_id"]],
        "integration_id": [int(ids["integration_id"])],
        "role": [ids["role_id"]],
        "organization_member": [ids["organization_member"]],
        "ids": [[ids["ticket_id"]]],
        "into": [ids["ticket_id"]],
        "message_ids": [[ids["first_message_id"]]],
        "file_ids": [[ids["file_id"]]],
        "actions": [
            {"assignee": {"type": "user", "id": member.user_id}},
            {"assignee": {"type": "role", "id": ids["role_id"]}},
        ],
    }


async def rows_of(database: Database, member: Member) -> dict[str, list[str]]:
    """Return every row of the member's organization, project and user."""
    mine = {
        "project_id": member.project_id,
        "organization_id": member.organization_id,
        "user_id": member.user_id,
    }
    own = {
        "project": member.project_id,
        "organization": member.organization_id,
        "user_account": member.user_id,
    }
    found: dict[str, list[str]] = {}
    async with database.transaction(write=False) as db:
        for table in metadata.sorted_tables:
            conditions = [table.c[name] == value for name, value in mine.items() if name in table.c]
            if table.name in own:
                conditions.append(table.c.id == own[table.name])
            if conditions and table is not role_membership:
                rows = (await db.execute(select(table).where(or_(*conditions)))).all()
                found[table.name] = sorted(map(repr, rows))
    return found


def check_nothing_leaks(answer: httpx.Response, world: World, what: Any) -> None:
    """Fail when the answer tells something of the world that the request did not."""
    sent = f"{answer.request.url} {answer.request.content!r}"
    for name, value in world.ids.items():
        if len(value) > 8 and value != world.ids["scope"] and value not in sent:
            assert value not in answer.text, (what, name)


async def test_ids_in_paths_open_nothing(theirs, ours, cast, database):
    before = await rows_of(database, cast.alice)
    n_tried = 0
    for path, method, operation in operations():
        good = good_request(operation["operationId"], path, ours)
        for name in PARAMETER.findall(path):
            named = {**good["path_parameters"], name: theirs.names_in(path)[name]}
            if name == "user":
                named[name] = str(cast.alice.user_uuid)
            url = filled(path, named)
            answer = await ours.client_for(operation["security"]).request(
                method, url, params=good["query"], json=good["body"] if "requestBody" in operation else None
            )
            assert answer.status_code in (403, 404) or (path, name) in FREELY_NAMED, (
                operation["operationId"],
                name,
            )
            check_nothing_leaks(answer, theirs, (operation["operationId"], name))
            n_tried += 1
    assert n_tried > 60
    assert await rows_of(database, cast.alice) == before


async def test_ids_in_bodies_open_nothing(theirs, ours, cast, database):
    before = await rows_of(database, cast.alice)
    values = foreign_values(theirs, cast.alice)
    tried = set()
    for path, method, operation in operations():
        good = good_request(operation["operationId"], path, ours)
        url = filled(path, good["path_parameters"])
        for name in sorted(fields_of(operation) & set(values)):
            for value in values[name]:
                answer = await ours.client_for(operation["security"]).request(
                    method, url, params=good["query"], json={**good["body"], name: value}
                )
                what = (operation["operationId"], name, answer.text)
                assert 400 <= answer.status_code < 500 or name in ALLOWED, what
                assert name != "ids" or not answer.json().get("updated"), what
                check_nothing_leaks(answer, theirs, what)
                tried.add(name)
    assert tried >= {"assignee", "item_id", "set_current_organization", "scoped_teams", "user_uuid"}
    assert await rows_of(database, cast.alice) == before


async def test_ids_in_queries_find_nothing(theirs, ours, cast, database):
    before = await rows_of(database, cast.alice)
    values = {
        **theirs.ids,
        "search": theirs.ids["marker"],
        "email": f"{theirs.ids['distinct_id']}@example.com",
        "emails": f"{theirs.ids['distinct_id']}@example.com",
        "distinct_ids": theirs.ids["distinct_id"],
        "session_ids": json.dumps([theirs.ids["recording_id"]]),
        "person_uuid": theirs.ids["person_id"],
        "assignee": f"user:{cast.alice.user_id},role:{theirs.ids['role_id']}",
        "view": theirs.below[VIEWS]["short_id"],
    }
    for path, method, operation in operations():
        good = good_request(operation["operationId"], path, ours)
        url = filled(path, good["path_parameters"])
        for name in sorted(query_of(operation) & set(values)):
            answer = await ours.client_for(operation["security"]).request(
                method, url, params={**good["query"], name: values[name]}
            )
            check_nothing_leaks(answer, theirs, (operation["operationId"], name))
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            found = answer.json() if is_json else {}
            assert name == "scope" or not found.get("results"), (operation["operationId"], name)
    assert await rows_of(database, cast.alice) == before


def test_each_field_that_may_name_something_is_tried(theirs, cast):
    known = set(foreign_values(theirs, cast.alice)) | set(theirs.ids) | HARMLESS
    for path, _, operation in operations():
        for name in fields_of(operation) | query_of(operation) | set(PARAMETER.findall(path)):
            is_list = name in ("distinct_ids", "session_ids")
            assert name in known or is_list or not SUSPECT.search(name), (operation["operationId"], name)
