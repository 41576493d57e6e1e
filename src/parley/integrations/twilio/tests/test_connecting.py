"""An account at Twilio is connected, and its numbers are listed."""

import msgspec
import pytest

from parley.integrations.twilio.tests.double import OWN, TOKEN, refusal
from tests.receiver import answers, hang_up

NUMBERS = "/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json"


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/integrations/"


@pytest.fixture
def numbers(path, account):
    return f"{path}{account['id']}/twilio_phone_numbers"


def asked_for_numbers(twilio):
    return [one for one in twilio.asked if "IncomingPhoneNumbers" in one]


async def test_an_account_is_proved_and_shown_without_its_token(api, path, account, twilio):
    assert account["config"] == {"account_sid": twilio.account_sid}
    assert (account["kind"], account["display_name"]) == ("twilio", f"ID: {twilio.account_sid}")
    assert twilio.asked == [f"GET /2010-04-01/Accounts/{twilio.account_sid}.json"]
    assert TOKEN not in (await api.get(path)).text


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"account_sid": "OWN", "auth_token": "wrong"}, "Twilio rejected these keys."),
        ({"account_sid": "AC../../x", "auth_token": TOKEN}, "Twilio rejected these keys."),
        ({"account_sid": f"AC{'0' * 32}", "auth_token": TOKEN}, "Twilio rejected these keys."),
        ({"account_sid": "OWN"}, "Account SID and auth token must be provided"),
        ({"account_sid": ["OWN"], "auth_token": " "}, "Account SID and auth token must be provided"),
    ],
)
async def test_wrong_credentials_are_refused_in_the_words_of_the_wire(
    api, path, twilio, services, config, said
):
    given = {name: twilio.account_sid if value == "OWN" else value for name, value in config.items()}
    answer = await api.post(path, json={"kind": "twilio", "config": given})
    assert answer.status_code == 400
    error = answer.json()
    assert error["detail"].startswith(said)
    if said.startswith("Twilio"):
        assert (error["attr"], error["code"]) == ("accountSid", "twilio_credentials_rejected")
    assert not any(".." in one for one in twilio.asked)
    assert (await api.get(path)).json()["count"] == 0


async def test_a_suspended_account_is_refused(api, path, twilio, services):
    twilio.status = "suspended"
    config = twilio.config
    answer = await api.post(path, json={"kind": "twilio", "config": config})
    assert answer.status_code == 400 and "suspended" in answer.json()["detail"]


async def test_numbers_of_all_pages_are_kept_for_an_hour(api, numbers, twilio, clock):
    first = (await api.get(numbers)).json()
    assert [one["phone_number"] for one in first["phone_numbers"]] == twilio.numbers
    assert set(first["phone_numbers"][0]) == {"sid", "phone_number", "friendly_name"}
    assert len(asked_for_numbers(twilio)) == 2
    twilio.numbers = [OWN]
    for query in ("", "?force_refresh=1", "?force_refresh=yes"):
        assert (await api.get(numbers + query)).json() == first
    anew = (await api.get(numbers + "?force_refresh=TRUE")).json()
    assert [one["phone_number"] for one in anew["phone_numbers"]] == [OWN]
    assert anew["lastRefreshedAt"] > first["lastRefreshedAt"]


async def test_a_failure_is_told_and_never_kept(api, numbers, twilio):
    for broken in (answers(500), answers(200, b"[1]"), hang_up):
        twilio.instead = [("GET " + NUMBERS.format(twilio.account_sid), broken)]
        answer = await api.get(numbers)
        assert (answer.status_code, answer.json()["code"]) == (502, "upstream_failed")
    assert (await api.get(numbers)).status_code == 200


async def test_a_page_that_leads_elsewhere_is_not_followed(api, numbers, twilio):
    page = {"incoming_phone_numbers": [], "next_page_uri": "/2010-04-01/Accounts/other/Keys.json?Page=1"}
    twilio.instead = [("GET ", answers(200, msgspec.json.encode(page)))]
    assert (await api.get(numbers)).status_code == 502
    assert not any("Keys" in one for one in twilio.asked)


async def test_keys_that_are_rejected_later_are_noted(api, path, numbers, account, twilio):
    twilio.instead = [("GET ", refusal(401, 20003, "Authenticate"))]
    answer = await api.get(numbers)
    assert (answer.status_code, answer.json()["code"]) == (400, "twilio_credentials_rejected")
    assert (await api.get(f"{path}{account['id']}")).json()["errors"] == "TOKEN_REFRESH_FAILED"


async def test_numbers_are_for_the_project_alone_and_for_twilio_alone(api, path, numbers, account, cast):
    theirs = numbers.replace(f"/{cast.project.id}/", f"/{cast.mallory.project.id}/")
    assert (await cast.mallory.client.get(theirs)).status_code == 404
    assert (await cast.mallory.client.get(numbers)).status_code in (403, 404)
    assert (await api.get(f"{path}999999999999/twilio_phone_numbers")).status_code == 404


async def test_calls_that_prove_an_account_count_for_its_project_alone(api, path, twilio, cast):
    twilio.instead = [("GET ", answers(429, b"", Retry_After="60"))]
    wanted = {"kind": "twilio", "config": twilio.config}
    theirs = f"/api/projects/{cast.mallory.project.id}/integrations/"
    assert (await cast.mallory.client.post(theirs, json=wanted)).json()["code"] == "upstream_rate_limited"
    assert (await cast.mallory.client.post(theirs, json=wanted)).json()["code"] == "upstream_rate_limited"
    assert (await api.post(path, json=wanted)).status_code == 201
