"""What the SDK asks for first."""

import json

import httpx

from tests.cast import Cast, TestProject


async def test_the_sdk_is_told_the_widget_token_and_the_defaults(
    anonymous: httpx.AsyncClient, project: TestProject
):
    answer = await anonymous.get(f"/array/{project.api_token}/config")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["token"] == project.api_token
    assert answer.json()["hasFeatureFlags"] is False
    assert answer.json()["conversations"] == {
        "enabled": True,
        "widgetEnabled": True,
        "token": project.widget_token,
        "greetingText": "Hey, how can I help you today?",
        "color": "#1d4aff",
        "placeholderText": "Type your message...",
        "widgetPosition": "bottom_right",
        "requireEmail": False,
        "collectName": False,
        "identificationFormTitle": "Before we start...",
        "identificationFormDescription": "Please provide your details so we can help you better.",
        "domains": [],
    }


async def test_the_script_sets_the_same_configuration(anonymous: httpx.AsyncClient, project: TestProject):
    script = await anonymous.get(f"/array/{project.api_token}/config.js")
    config = (await anonymous.get(f"/array/{project.api_token}/config")).json()
    assert script.headers["content-type"].startswith("text/javascript")
    start = script.text.index("]=", script.text.index(project.api_token)) + 2
    assert json.loads(script.text[start : script.text.rindex("})(window)")]) == {
        "config": config,
        "siteApps": [],
    }


async def test_settings_of_the_project_show_in_the_configuration(cast: Cast, anonymous: httpx.AsyncClient):
    async with cast.services.database.transaction() as db:
        made = await cast.make_project(
            db,
            cast.project.organization_id,
            widget_enabled=False,
            widget_greeting_text="Ahoy",
            widget_color="#ff0000",
            widget_require_email=True,
            widget_domains=["*.example.com"],
        )
    shown = (await anonymous.get(f"/array/{made.api_token}/config")).json()["conversations"]
    assert (shown["widgetEnabled"], shown["greetingText"], shown["color"]) == (False, "Ahoy", "#ff0000")
    assert (shown["requireEmail"], shown["domains"]) == (True, ["*.example.com"])
    assert shown["identificationFormTitle"] == "Ahoy"  # the form comes before the greeting, and instead of it


async def test_a_token_of_no_project_gets_a_valid_configuration_without_conversations(
    anonymous: httpx.AsyncClient,
):
    answer = await anonymous.get("/array/phc_nobody/config")
    assert answer.status_code == 200
    assert (answer.json()["token"], answer.json()["conversations"]) == ("phc_nobody", False)


async def test_a_token_that_could_break_out_of_the_script_is_not_found(anonymous: httpx.AsyncClient):
    for token in ('"]=1;alert(1)//', "</script>", "%0A", "%00", "x" * 300, "phc é"):
        answer = await anonymous.get(f"/array/{token}/config.js")
        assert answer.status_code == 404, token


async def test_no_secret_is_in_the_configuration(anonymous: httpx.AsyncClient, project: TestProject):
    answer = await anonymous.get(f"/array/{project.api_token}/config")
    assert project.secret_api_token not in answer.text
