"""The OpenAPI document is true: schemathesis makes requests from it, and the program answers as it says.

Not checked is `negative_data_rejection`: the wire format ignores much of what it can't read (unknown fields, bad
`limit` and `offset`, numbers spelled as text), and an ignored value is not an error there.
"""

import asyncio
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from parley.kernel.http.middleware import CAPTURE_PATHS
from parley.kernel.openapi.document import PATH, PREFIXES
from parley.main import collected_handlers
from tests.effort import examples
from tests.openapi_things import ENDLESS
from tests.openapi_world import DOCUMENT, PARAMETER, Sender, World, build, filled, good_request

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
FOUND: list[Any] = list(SCHEMA.get_all_operations())
OPERATIONS = [found.ok() for found in FOUND]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
EXAMPLES = {"sqlite": examples(5), "postgresql": examples(2)}
OF_TEXTS = {
    "accounts_create_organization": "/api/organizations",
    "accounts_create_role": "/api/organizations/{organization_id}/roles",
    "accounts_create_invite": "/api/organizations/{organization_id}/invites",
    "persons_update_property": "/api/projects/{project_id}/persons/{person_id}/update_property",
    "tickets_create_comment": "/api/projects/{project_id}/comments",
    "widget_send_message": "/api/conversations/v1/widget/message",
}
"""Operations whose good bodies hold texts only, which every kind of body can carry."""
WITHOUT_GOOD_REQUEST = {
    "accounts_complete_passkey_login",
    "accounts_complete_passkey_registration",
    "accounts_login_recovery",
    "accounts_login_token",
    "accounts_validate_two_factor",
    "accounts_renew_scim_token",
    "accounts_set_new_password",
    "accounts_accept_signed_in",
    "subscriptions_delete_subscription",
    "files_upload_content",
    "files_upload_file",
    "mail_webhook_take_posted_mail",
    "slack_channel_take_slack_events",
    "sms_create_sms_channel",
    "sms_delete_sms_channel",
    "sms_outbound_take_status",
    "sms_show_sms_channel",
    "sms_take_text",
    "twilio_list_twilio_phone_numbers",
    "slack_list_slack_channels",
    "connections_authorize_integration",  # a redirect, where a service is set up
    "linkedin_ads_list_linkedin_accounts",
    "linkedin_ads_list_linkedin_rules",
    "restore_links_ask_for_restore_link",
    "compose_compose",
    "tickets_show_full_email",
    "tickets_unmerge_ticket",
    "imap_remove_mailbox",
    "channels_send_test_email",
    "channels_send_test_of_email_channel",
    "imap_set_mailbox",
    "imap_show_mailbox",
    "delivery_answer_mail_as_customer",
    "delivery_write_to_test_address",
}
"""The token of the first is in a mail; `accounts/password_reset/tests/test_password_reset.py` uses one. No message has a
mail yet. Nothing is merged here. Files are sent by `conversations/files/tests/test_routes.py`. Links are mailed to pages
only, and no page is here. No domain is verified, and no mailbox or test address is there: `email/delivery/tests` has one."""


def test_the_document_is_valid_openapi():
    SCHEMA.validate()
    assert DOCUMENT["openapi"].startswith("3.1")


def test_the_document_names_everything_that_is_no_page_and_no_file():
    paths = {
        re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
        for handler in collected_handlers()
        for path in handler.paths
        if path.startswith(PREFIXES) or path in CAPTURE_PATHS
    }
    assert set(DOCUMENT["paths"]) == paths
    assert "/api/projects/{project_id}/conversations/tickets/{key}" in paths


def test_each_parameter_of_a_path_is_documented():
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            named = [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"]
            assert named == PARAMETER.findall(path)


def test_no_two_operations_share_an_id():
    ids = [one["operationId"] for methods in DOCUMENT["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


def test_each_tag_is_described_by_the_folder_that_is_called_like_it():
    about = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert all(about.values())
    assert about["tickets"] == "Tickets and their messages: the heart of Parley."
    assert about["accounts"].startswith("Who may work here")
    assert about["background"].startswith("What goes on in the background")  # no folder is called like it


def test_a_body_is_required_where_one_of_its_fields_is():
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            body = operation.get("requestBody")
            schema = next(iter(body["content"].values()))["schema"] if body else {}
            name = schema.get("$ref", "").rsplit("/", 1)[-1]
            if name:
                has_required = "required" in DOCUMENT["components"]["schemas"][name]
                assert body["required"] is has_required, (path, name)


@pytest.mark.parametrize("kind", ["json", "data", "files"])
async def test_json_forms_and_multipart_are_taken_alike(kind, cast):
    world = await build(cast, cast.alice)
    for operation_id, path in OF_TEXTS.items():
        good = good_request(operation_id, path, world)
        body = {name: (None, value) if kind == "files" else value for name, value in good["body"].items()}
        sent: dict[str, Any] = {kind: body}
        client = world.widget if operation_id.startswith("widget_") else world.key
        answer = await client.request("POST", filled(path, good["path_parameters"]), **sent)
        assert answer.status_code in (200, 201), (operation_id, answer.text)


async def test_the_document_is_served(anonymous):
    answer = await anonymous.get(PATH)
    assert answer.status_code == 200
    assert answer.json()["paths"] == DOCUMENT["paths"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.definition.raw["operationId"])
async def test_answers_are_as_documented(operation, cast, database):
    world = await build(cast, cast.alice, operation.path)
    client = world.client_for(operation.definition.raw["security"])
    sender = Sender(client, asyncio.get_running_loop())
    await asyncio.to_thread(_do_right, operation, world, sender)
    await asyncio.to_thread(_try_out, operation, world, sender, EXAMPLES[database.dialect])


def _do_right(operation: Any, world: World, sender: Sender) -> None:
    """Send a request that must be taken; check its answer."""
    raw = operation.definition.raw
    if raw["operationId"] in WITHOUT_GOOD_REQUEST:
        return
    good = good_request(raw["operationId"], operation.path, world)
    path = {name: good["path_parameters"][name] for name in PARAMETER.findall(operation.path)}
    body = {"body": good["body"], "media_type": "application/json"} if "requestBody" in raw else {}
    case = operation.Case(path_parameters=path, query=good["query"], **body)
    response = sender.send(case.as_transport_kwargs(base_url="http://parley.test"))
    assert response.status_code in (200, 201, 202, 204), response.content
    case.validate_response(response, checks=CHECKS)


def _try_out(operation: Any, world: World, sender: Sender, n_examples: int) -> None:
    """Send requests that fit the document and requests that don't; check each answer."""
    names = world.names_in(operation.path)
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @settings(
        max_examples=n_examples,
        phases=[Phase.explicit, Phase.generate],
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def send(case: Any, data: st.DataObject) -> None:
        _fill_in(case, names, data)
        response = sender.send(case.as_transport_kwargs(base_url="http://parley.test"))
        case.validate_response(response, checks=CHECKS)

    send()


def _fill_in(case: Any, ids: dict[str, str], data: st.DataObject) -> None:
    """Give most parameters the name of something that is there; noise alone would only ever be told 404."""
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            for name in part:
                if name in ids and data.draw(st.integers(0, 7)):
                    part[name] = ids[name]
    if case.operation.definition.raw["operationId"] in ENDLESS:
        case.query = {**(case.query or {}), "follow": "false"}
