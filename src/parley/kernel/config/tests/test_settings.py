"""Settings: what stops the start, and what is made on the way."""

import stat

import pytest

from parley.kernel.config.settings import Settings
from parley.kernel.config.values import SettingsError
from parley.kernel.config.variables import SETTINGS


def environment(tmp_path, **variables):
    return {"PARLEY_DATA_DIR": str(tmp_path / "data"), **variables}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARLEY_DATABSE_URL", "postgresql://localhost/x"),
        ("PARLEY_DATABASE_URL", "mysql://localhost/x"),
        ("PARLEY_DATABASE_URL", "postgresql://localhost"),
        ("PARLEY_EVENTS_URL", "https://localhost:8123/parley"),
        ("PARLEY_EVENTS_URL", "clickhouse://localhost"),
        ("PARLEY_EVENTS_URL", "clickhouse://localhost:9000/parley"),
        ("PARLEY_EVENTS_URL", "clickhouse://localhost/par`ley"),
        ("PARLEY_EVENTS_URL", "clickhouse://localhost/parley?secure=maybe"),
        ("PARLEY_EVENTS_URL", "clickhouse://localhost/parley?password=x"),
        ("PARLEY_EVENTS_URL", "clickhouses://localhost/parley?secure=false"),
        ("PARLEY_EVENTS_URL", "clickhouse://localhost/parley?cluster=a%20b"),
        ("PARLEY_REDIS_URL", "http://localhost"),
        ("PARLEY_STORAGE_URL", "/srv/files"),
        ("PARLEY_STORAGE_URL", "s3://"),
        ("PARLEY_STORAGE_URL", "s3://user:password@bucket/prefix"),
        ("PARLEY_STORAGE_URL", "s3://bucket?region=x"),
        ("PARLEY_STORAGE_URL", "file://host/path"),
        ("PARLEY_STORAGE_URL", "file:///"),
        ("PARLEY_SITE_URL", "parley.example.com"),
        ("PARLEY_SMTP_URL", "localhost:25"),
        ("PARLEY_SMTP_URL", "smtp://mail.example.com?starttls=require"),
        ("PARLEY_SMTP_URL", "smtp://mail.example.com?start_tls=required"),
        ("PARLEY_SMTP_URL", "smtp://mail.example.com?starttls=required&starttls=required"),
        ("PARLEY_SMTP_URL", "smtps://mail.example.com?starttls=required"),
        ("PARLEY_SECRET_KEY", "short"),
        ("PARLEY_SECRET_KEY", ""),
        ("PARLEY_RATE_LIMITS", "yes"),
        ("PARLEY_METRICS_TOKEN", "short"),
        ("PARLEY_METRICS_TOKEN", "ein Schlüssel mit Umlaut"),
        ("PARLEY_AUDIT_LOG_DAYS", "29"),
        ("PARLEY_AUDIT_LOG_DAYS", "1e3"),
        ("PARLEY_TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
        ("PARLEY_ALLOWED_HOSTS_OUT", "hooks.internal"),
        ("PARLEY_ALLOWED_HOSTS_OUT", "hooks.internal:0"),
        ("PARLEY_ALLOWED_HOSTS_OUT", "http://hooks.internal:80"),
        ("PARLEY_ALLOWED_HOSTS_OUT", "a:1, b:2/path"),
        ("PARLEY_INBOUND_DOMAIN", "https://inbound.example.com"),
        ("PARLEY_INBOUND_DOMAIN", "a..b"),
        ("PARLEY_SPF_MECHANISM", "include:a.example -all"),
        ("PARLEY_SPF_MECHANISM", "all"),
        ("PARLEY_INBOUND_SMTP", "25"),
        ("PARLEY_INBOUND_SMTP_CERTIFICATE", "/nowhere/at/all.pem"),
        ("PARLEY_DNS_SERVER", "127.0.0.1"),
        ("PARLEY_DNS_SERVER", "127.0.0.1:99999"),
        ("PARLEY_DNS_SERVER", "::1:x"),
    ],
)
def test_an_unknown_name_or_a_bad_value_stops_the_start_and_is_named(tmp_path, name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_env(environment(tmp_path, **{name: value}))


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = Settings.from_env(environment(tmp_path))
    again = Settings.from_env(environment(tmp_path))
    file = tmp_path / "data" / "secret_key"
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_damaged_secret_key_stops_the_start(tmp_path):
    Settings.from_env(environment(tmp_path))
    (tmp_path / "data" / "secret_key").write_text("")
    with pytest.raises(SettingsError, match="secret_key"):
        Settings.from_env(environment(tmp_path))


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "data").write_text("a file in the way")
    with pytest.raises(SettingsError, match="PARLEY_DATA_DIR"):
        Settings.from_env(environment(tmp_path))


def test_the_defaults_need_no_service(tmp_path):
    found = Settings.from_env(environment(tmp_path), host="0.0.0.0", port=9000)
    assert found.is_sqlite
    assert (found.redis_url, found.smtp_url, found.rate_limits) == (None, None, "public")
    assert found.site_url == "http://127.0.0.1:9000"


def test_each_field_is_described_for_the_docs():
    described = {setting.name.removeprefix("PARLEY_").lower() for setting in SETTINGS}
    of_a_command = {"mcp_url", "mcp_key"}  # `parley mcp` reads them, and no server
    assert described - of_a_command == set(Settings.__struct_fields__)


def test_hosts_that_may_be_private_are_read_as_urls_name_them(tmp_path):
    given = " Hooks.Internal:8080, 10.0.0.5:80,[::0:1]:9000 "
    found = Settings.from_env(environment(tmp_path, PARLEY_ALLOWED_HOSTS_OUT=given)).allowed_hosts_out
    assert found == {("hooks.internal", 8080), ("10.0.0.5", 80), ("::1", 9000)}
    assert Settings.from_env(environment(tmp_path)).allowed_hosts_out == frozenset()


def test_the_domain_of_mail_is_kept_as_the_dns_knows_it(tmp_path):
    given = {"PARLEY_INBOUND_DOMAIN": "Post.Bücher.example", "PARLEY_DNS_SERVER": "[::1]:5353"}
    found = Settings.from_env(environment(tmp_path, **given))
    assert (found.inbound_domain, found.dns_server) == ("post.xn--bcher-kva.example", ("::1", 5353))
    assert Settings.from_env(environment(tmp_path)).inbound_domain == "inbound.localhost"


@pytest.mark.parametrize(
    ("url", "complete"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1/chat/completions"),
        ("http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1/chat/completions"),
        ("http://models:80/v1/chat/completions", "http://models:80/v1/chat/completions"),
    ],
)
def test_a_language_model_is_named_by_the_base_of_its_endpoint(tmp_path, url, complete):
    found = Settings.from_env(environment(tmp_path, PARLEY_LLM_URL=url, PARLEY_LLM_MODEL="m")).language_model
    assert found is not None and (found.url, found.name, found.api_key) == (complete, "m", None)


@pytest.mark.parametrize(
    "given",
    [
        {"PARLEY_LLM_URL": "https://api.example.com/v1"},
        {"PARLEY_LLM_URL": "api.example.com", "PARLEY_LLM_MODEL": "m"},
        {"PARLEY_LLM_URL": "https://user:password@api.example.com", "PARLEY_LLM_MODEL": "m"},
        {"PARLEY_LLM_URL": "https://api.example.com", "PARLEY_LLM_MODEL": "m", "PARLEY_LLM_API_KEY": "a\nb"},
    ],
)
def test_half_a_language_model_is_refused(tmp_path, given):
    with pytest.raises(SettingsError, match="PARLEY_LLM_"):
        Settings.from_env(environment(tmp_path, **given))


@pytest.mark.parametrize(
    "given",
    [
        {"PARLEY_GOOGLE_CLIENT_ID": "parley"},
        {"PARLEY_GITHUB_CLIENT_SECRET": "secret"},
        {"PARLEY_GITLAB_CLIENT_ID": "parley", "PARLEY_GITLAB_CLIENT_SECRET": "a\nb"},
        {"PARLEY_GITLAB_URL": "gitlab.example.com"},
        {"PARLEY_GITLAB_URL": "https://user:password@gitlab.example.com"},
        {"PARLEY_GOOGLE_URL": "https://id.example.com/?a=b"},
    ],
)
def test_half_a_provider_to_sign_in_with_is_refused(tmp_path, given):
    with pytest.raises(SettingsError, match="PARLEY_G"):
        Settings.from_env(environment(tmp_path, **given))


def test_who_signs_in_may_do_so_with_the_providers_that_are_configured(tmp_path):
    given = {
        "PARLEY_GITLAB_CLIENT_ID": "parley",
        "PARLEY_GITLAB_CLIENT_SECRET": "secret",
        "PARLEY_GITLAB_URL": "http://gitlab.internal:8080/gitlab/",
    }
    found = Settings.from_env(environment(tmp_path, **given))
    assert [*found.sign_in_providers] == ["gitlab"]
    gitlab = found.sign_in_provider("gitlab")
    assert gitlab is not None
    assert (gitlab.url, gitlab.host, gitlab.port) == (
        "http://gitlab.internal:8080/gitlab",
        "gitlab.internal",
        8080,
    )
    assert found.sign_in_provider("google-oauth2") is None and found.sign_in_provider("saml") is None
