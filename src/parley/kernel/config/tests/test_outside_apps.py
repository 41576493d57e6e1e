"""The variables of services at which the server is registered: read strictly, for calls go where they point."""

import pytest

from parley.kernel.config.outside_apps import linkedin_fields
from parley.kernel.config.values import SettingsError

APP = {"PARLEY_LINKEDIN_CLIENT_ID": "one", "PARLEY_LINKEDIN_CLIENT_SECRET": "two"}


def test_without_variables_the_real_service_is_meant_and_nothing_is_registered():
    assert linkedin_fields({}) == {
        "linkedin_client_id": None,
        "linkedin_client_secret": None,
        "linkedin_oauth_url": "https://www.linkedin.com",
        "linkedin_api_url": "https://api.linkedin.com",
        "linkedin_version": "202508",
    }


def test_what_is_set_is_read_without_trailing_slashes():
    given = {
        **APP,
        "PARLEY_LINKEDIN_API_URL": "http://127.0.0.1:8080/linked/",
        "PARLEY_LINKEDIN_VERSION": "202601",
    }
    found = linkedin_fields(given)
    assert (found["linkedin_client_id"], found["linkedin_client_secret"]) == ("one", "two")
    assert (found["linkedin_api_url"], found["linkedin_version"]) == (
        "http://127.0.0.1:8080/linked",
        "202601",
    )


URLS = [
    "ftp://linkedin.example", "linkedin.example", "https://", "https://user:word@linkedin.example", "http://127.1",
    "http://2130706433", "http://0x7f000001", "http://0177.0.0.1", "https://linkedin.example.", "http://[::1%25lo]",
    "http://[fe80::1%eth0]/", "https://linkedin.example:0", "https://linkedin.example/?x=y", "https://linkedin.example/#x",
    "https://linked in.example", "https://linkedin.example\\@evil.example", "https://linkedin.example:99999",
]  # fmt: skip


@pytest.mark.parametrize("name", ["OAUTH_URL", "API_URL"])
@pytest.mark.parametrize("url", URLS)
def test_a_url_that_two_programs_could_read_in_two_ways_stops_the_start(name, url):
    with pytest.raises(SettingsError, match=f"PARLEY_LINKEDIN_{name}"):
        linkedin_fields({**APP, f"PARLEY_LINKEDIN_{name}": url})


@pytest.mark.parametrize(
    "given",
    [
        {"PARLEY_LINKEDIN_CLIENT_ID": "one"},
        {"PARLEY_LINKEDIN_CLIENT_SECRET": "two"},
        {**APP, "PARLEY_LINKEDIN_CLIENT_SECRET": "t\u00fc"},
        {**APP, "PARLEY_LINKEDIN_VERSION": "2025"},
        {**APP, "PARLEY_LINKEDIN_VERSION": "202513"},
        {**APP, "PARLEY_LINKEDIN_VERSION": "202508\r\nX: y"},
    ],
    ids=str,
)
def test_half_an_app_and_an_unreadable_version_stop_the_start(given):
    with pytest.raises(SettingsError, match="PARLEY_LINKEDIN_"):
        linkedin_fields(given)
