"""Settings, read once at the start from `PARLEY_*` variables."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from parley.kernel.config.data_folder import check_folder, make_folder, old_keys_of, secret_key_of, tighten
from parley.kernel.config.outside_apps import LINKEDIN_URLS, linkedin_fields
from parley.kernel.config.sign_in_providers import PROVIDERS, SignInProvider, provider_of
from parley.kernel.config.values import (
    LanguageModel,
    Network,
    RateLimits,
    SettingsError,
    address_of,
    database_url_of,
    days_of,
    default_site,
    domain_of,
    file_of,
    hosts_out_of,
    label_of,
    language_model_of,
    metrics_token_of,
    networks_of,
    rate_limits_of,
    spf_mechanism_of,
    storage_url_of,
    url_of,
)
from parley.kernel.config.variables import SETTINGS


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its checked value. `site_url` has no trailing slash."""

    data_dir: Path
    database_url: str
    events_url: str | None = None
    redis_url: str | None = None
    storage_url: str | None = None
    site_url: str = "http://127.0.0.1:8000"
    secret_key: str
    old_secret_keys: tuple[str, ...] = ()
    smtp_url: str | None = None
    inbound_domain: str = "inbound.localhost"
    inbound_smtp: tuple[str, int] | None = None
    inbound_smtp_certificate: str | None = None
    inbound_smtp_key: str | None = None
    dns_server: tuple[str, int] | None = None
    domain_challenge_label: str = "_posthog-challenge"
    spf_mechanism: str | None = None
    mailgun_signing_key: str | None = None
    rate_limits: RateLimits = "public"
    metrics_token: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts_out: frozenset[tuple[str, int]] = frozenset()
    llm_url: str | None = None
    llm_model: str = ""
    llm_api_key: str | None = None
    audit_log_days: int = 730
    google_client_id: str | None = None
    google_client_secret: str | None = None
    google_url: str | None = None
    github_client_id: str | None = None
    github_client_secret: str | None = None
    github_url: str | None = None
    gitlab_client_id: str | None = None
    gitlab_client_secret: str | None = None
    gitlab_url: str | None = None
    slack_client_id: str | None = None
    slack_client_secret: str | None = None
    slack_signing_secret: str | None = None
    slack_api_url: str = "https://slack.com"
    linkedin_client_id: str | None = None
    linkedin_client_secret: str | None = None
    linkedin_oauth_url: str = LINKEDIN_URLS["oauth_url"]
    linkedin_api_url: str = LINKEDIN_URLS["api_url"]
    linkedin_version: str = "202508"
    twilio_api_url: str = "https://api.twilio.com"

    @property
    def is_https(self) -> bool:
        """Say whether people reach this server by https: its cookies and its address then never go without it."""
        return self.site_url.startswith("https://")

    @property
    def limits_public(self) -> bool:
        """Say whether requests that need no key are limited."""
        return self.rate_limits != "off"

    @property
    def limits_keys(self) -> bool:
        """Say whether requests with keys and secret tokens are limited."""
        return self.rate_limits == "on"

    @property
    def language_model(self) -> LanguageModel | None:
        """The model that writes suggested replies, where one is named; raises SettingsError for half of one."""
        if self.llm_url is None:
            return None
        return language_model_of(self.llm_url, self.llm_model, self.llm_api_key)

    @property
    def sign_in_providers(self) -> dict[str, SignInProvider]:
        """Those with which people may sign in, by the name that `sso_enforcement` has for them."""
        made = (self.sign_in_provider(name) for name in PROVIDERS)
        return {one.name: one for one in made if one is not None}

    def sign_in_provider(self, name: str) -> SignInProvider | None:
        """Return a provider, such as `google-oauth2`; None for one that is unknown or not configured."""
        if name not in PROVIDERS:
            return None
        prefix = PROVIDERS[name].prefix
        given = [getattr(self, f"{prefix}_{part}") for part in ("client_id", "client_secret", "url")]
        return provider_of(name, *given)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_env(
        cls,
        env: Mapping[str, str] = os.environ,
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        may_write: bool = True,
    ) -> "Settings":
        """Read and check the variables; `host` and `port` are only for the default of the site URL.

        Makes the data folder and the secret key file when they are missing, and takes the rights of others on what lies
        there, unless it may not write. Raises SettingsError for an unknown `PARLEY_*` name, for a bad value, and for a
        folder that can't be used.
        """
        _refuse_unknown(env)
        data_dir = Path(env.get("PARLEY_DATA_DIR") or "./parley-data").absolute()
        database_url = database_url_of(env.get("PARLEY_DATABASE_URL"), data_dir)
        if may_write:
            make_folder(data_dir)
        check_folder(data_dir)
        if may_write:
            tighten(data_dir, database_url)
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            events_url=url_of(env, "PARLEY_EVENTS_URL", ("clickhouse", "clickhouses")),
            redis_url=url_of(env, "PARLEY_REDIS_URL", ("redis", "rediss", "unix")),
            storage_url=storage_url_of(env.get("PARLEY_STORAGE_URL")),
            site_url=(url_of(env, "PARLEY_SITE_URL", ("http", "https")) or default_site(host, port)).rstrip(
                "/"
            ),
            smtp_url=url_of(env, "PARLEY_SMTP_URL", ("smtp", "smtps")),
            inbound_domain=domain_of(env, "PARLEY_INBOUND_DOMAIN") or "inbound.localhost",
            inbound_smtp=address_of(env, "PARLEY_INBOUND_SMTP"),
            inbound_smtp_certificate=file_of(env, "PARLEY_INBOUND_SMTP_CERTIFICATE"),
            inbound_smtp_key=file_of(env, "PARLEY_INBOUND_SMTP_KEY"),
            dns_server=address_of(env, "PARLEY_DNS_SERVER"),
            spf_mechanism=spf_mechanism_of(env, "PARLEY_SPF_MECHANISM"),
            mailgun_signing_key=env.get("PARLEY_MAILGUN_SIGNING_KEY") or None,
            rate_limits=rate_limits_of(env.get("PARLEY_RATE_LIMITS") or "public"),
            metrics_token=metrics_token_of(env.get("PARLEY_METRICS_TOKEN") or None),
            trusted_proxies=networks_of(env, "PARLEY_TRUSTED_PROXIES"),
            allowed_hosts_out=hosts_out_of(env, "PARLEY_ALLOWED_HOSTS_OUT"),
            **_secret_keys(env, data_dir, may_write=may_write),
            **_grouped(env),
        )


def _grouped(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields that belong together, such as those of one other service."""
    found: dict[str, Any] = {}
    for read in (
        _model_fields,
        _provider_fields,
        _days,
        _fields_with_defaults,
        _slack_fields,
        linkedin_fields,
    ):
        found |= read(env)
    return found


def _model_fields(env: Mapping[str, str]) -> dict[str, Any]:
    url = url_of(env, "PARLEY_LLM_URL", ("http", "https"))
    name, api_key = (env.get(f"PARLEY_LLM_{part}", "").strip() for part in ("MODEL", "API_KEY"))
    if url is not None:
        language_model_of(url, name, api_key)  # half a model is refused at the start
    return {"llm_url": url, "llm_model": name, "llm_api_key": api_key or None}


def _secret_keys(env: Mapping[str, str], data_dir: Path, *, may_write: bool) -> dict[str, Any]:
    key = secret_key_of(env.get("PARLEY_SECRET_KEY"), data_dir, may_write=may_write)
    return {"secret_key": key, "old_secret_keys": old_keys_of(env.get("PARLEY_OLD_SECRET_KEYS"))}


def _days(env: Mapping[str, str]) -> dict[str, int]:
    return {"audit_log_days": days_of(env, "PARLEY_AUDIT_LOG_DAYS", 730, least=30)}


def _fields_with_defaults(env: Mapping[str, str]) -> dict[str, Any]:
    label = label_of(env, "PARLEY_DOMAIN_CHALLENGE_LABEL")
    twilio = url_of(env, "PARLEY_TWILIO_API_URL", ("http", "https"))
    given = {"domain_challenge_label": label, "twilio_api_url": twilio and twilio.rstrip("/")}
    return {name: value for name, value in given.items() if value is not None}


def _provider_fields(env: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, known in PROVIDERS.items():
        prefix = known.prefix.upper()
        client_id, secret = (
            env.get(f"PARLEY_{prefix}_{part}", "").strip() or None for part in ("CLIENT_ID", "CLIENT_SECRET")
        )
        url = url_of(env, f"PARLEY_{prefix}_URL", ("http", "https"))
        provider_of(name, client_id, secret, url)  # half a provider is refused at the start
        given = {"client_id": client_id, "client_secret": secret, "url": url}
        found |= {f"{known.prefix}_{part}": value for part, value in given.items()}
    return found


def _slack_fields(env: Mapping[str, str]) -> dict[str, Any]:
    names = ("slack_client_id", "slack_client_secret", "slack_signing_secret")
    found: dict[str, Any] = {name: env.get(f"PARLEY_{name.upper()}", "").strip() or None for name in names}
    if bool(found["slack_client_id"]) != bool(found["slack_client_secret"]):
        raise SettingsError("PARLEY_SLACK_CLIENT_ID and PARLEY_SLACK_CLIENT_SECRET must be set together.")
    url = url_of(env, "PARLEY_SLACK_API_URL", ("http", "https"))
    return found | ({"slack_api_url": url.rstrip("/")} if url else {})


def _refuse_unknown(env: Mapping[str, str]) -> None:
    known = {setting.name for setting in SETTINGS}
    unknown = sorted(name for name in env if name.startswith("PARLEY_") and name not in known)
    if unknown:
        raise SettingsError(
            f"{unknown[0]} is not a setting of Parley. The known ones: {', '.join(sorted(known))}."
        )
    for name in sorted(known & env.keys()):
        try:
            env[name].encode()
        except UnicodeEncodeError as error:  # bytes that are no UTF-8 arrive as lone surrogates
            raise SettingsError(f"{name} must be text in UTF-8.") from error
