"""Settings, read once at the start from `PARLEY_*` variables."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from parley.kernel.config.data_folder import check_folder, make_folder, secret_key_of, tighten
from parley.kernel.config.values import (
    LanguageModel,
    Network,
    RateLimits,
    SettingsError,
    address_of,
    database_url_of,
    default_site,
    domain_of,
    file_of,
    hosts_out_of,
    language_model_of,
    metrics_token_of,
    networks_of,
    rate_limits_of,
    spf_mechanism_of,
    storage_url_of,
    url_of,
)


class Setting(msgspec.Struct, frozen=True):
    """One variable as `docs/settings.md` shows it."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("PARLEY_DATA_DIR", "./parley-data", "Folder of everything that the embedded mode stores."),
    Setting(
        "PARLEY_DATABASE_URL",
        "SQLite file in the data folder",
        "`postgresql://user:password@host/name`, with `?sslmode=require` if necessary, or `sqlite:///path`.",
    ),
    Setting(
        "PARLEY_EVENTS_URL",
        "none: events stay in the main database",
        "`clickhouse://user:password@host:8123/database` for installations with very many events; encrypted with "
        "`clickhouses://` (port 8443) or `?secure=true`. `&cluster=name` names a cluster ([ClickHouse](clickhouse.md)).",
    ),
    Setting(
        "PARLEY_REDIS_URL",
        "none",
        "`redis://...` for cache, rate limits and live updates between processes; without it they live in the process.",
    ),
    Setting(
        "PARLEY_STORAGE_URL",
        "folder `files` in the data folder",
        "Where files are kept: `s3://bucket/prefix`, with the usual `AWS_*` variables (`AWS_ACCESS_KEY_ID`, "
        "`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` for other servers than Amazon's), or `file:///path`.",
    ),
    Setting(
        "PARLEY_SITE_URL",
        "`http://HOST:PORT`",
        "Start of absolute links, such as those in mails. With `https://`, browsers are told to use https only, and "
        "cookies are `Secure` and called `__Host-parley_session` and so on: people can't sign in over plain http.",
    ),
    Setting(
        "PARLEY_SECRET_KEY",
        "made once, kept in the data folder",
        "Signs and encrypts; at least 32 characters. Losing it makes stored secrets unreadable.",
    ),
    Setting(
        "PARLEY_SMTP_URL",
        "none",
        "`smtp[s]://user:password@host:port`; without it each mail is written to `<data folder>/mail/` as an `.eml` file. "
        "`smtp://` is encrypted where the server offers STARTTLS; with `?starttls=required` at the end, nothing is sent "
        "unencrypted.",
    ),
    Setting(
        "PARLEY_INBOUND_DOMAIN",
        "`inbound.localhost`",
        "Domain of the forwarding addresses of e-mail channels (`team-...@inbound.example.com`).",
    ),
    Setting(
        "PARLEY_INBOUND_SMTP",
        "off",
        "`host:port` on which mail for forwarding addresses is taken, such as `0.0.0.0:25`; a process of its own does it.",
    ),
    Setting(
        "PARLEY_INBOUND_SMTP_CERTIFICATE",
        "none: no STARTTLS",
        "File with the certificate, in PEM with those between it and the authority; read anew every hour.",
    ),
    Setting(
        "PARLEY_INBOUND_SMTP_KEY",
        "in the file of the certificate",
        "File with the private key of that certificate.",
    ),
    Setting(
        "PARLEY_DNS_SERVER",
        "the system's resolver",
        "`host:port` of the DNS server that is asked for the records of e-mail domains.",
    ),
    Setting(
        "PARLEY_SPF_MECHANISM",
        "`a:` or `ip4:` and the host of PARLEY_SMTP_URL; where that is this machine, of PARLEY_SITE_URL",
        "What the SPF records of e-mail domains must contain, such as `include:spf.example.net` for a mail provider.",
    ),
    Setting(
        "PARLEY_MAILGUN_SIGNING_KEY",
        "none: nothing is taken",
        "The key by which Mailgun signs the mails that it posts to `/api/conversations/v1/email/inbound`.",
    ),
    Setting(
        "PARLEY_RATE_LIMITS",
        "`public`",
        "`public` limits what needs no key (widget, capture, resets), `on` keys and tokens, too, `off` neither. "
        "The limits on guessing are always on.",
    ),
    Setting(
        "PARLEY_METRICS_TOKEN",
        "none: `/metrics` answers only this machine",
        "`/metrics` also answers requests with this as a bearer token, from anywhere; at least 16 characters.",
    ),
    Setting(
        "PARLEY_TRUSTED_PROXIES",
        "none",
        "Comma-separated CIDRs whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.",
    ),
    Setting(
        "PARLEY_ALLOWED_HOSTS_OUT",
        "none",
        "Comma-separated `host:port` that outgoing calls, such as webhooks, may reach although their addresses are "
        "private; all other private addresses are refused.",
    ),
    Setting(
        "PARLEY_LLM_URL",
        "none: replies are suggested from the project's own past answers, locally",
        "Base URL of an endpoint that speaks as OpenAI's chat completions do, such as `https://api.openai.com/v1`. Its "
        "address may be private. Suggested replies send conversations there, where an organization has approved it.",
    ),
    Setting("PARLEY_LLM_MODEL", "none", "The name of the model; needed with `PARLEY_LLM_URL`."),
    Setting("PARLEY_LLM_API_KEY", "none", "Sent to it as a bearer token."),
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its checked value. `site_url` has no trailing slash."""

    data_dir: Path
    database_url: str
    events_url: str | None = None
    redis_url: str | None = None
    storage_url: str | None = None
    site_url: str = "http://127.0.0.1:8000"
    secret_key: str
    smtp_url: str | None = None
    inbound_domain: str = "inbound.localhost"
    inbound_smtp: tuple[str, int] | None = None
    inbound_smtp_certificate: str | None = None
    inbound_smtp_key: str | None = None
    dns_server: tuple[str, int] | None = None
    spf_mechanism: str | None = None
    mailgun_signing_key: str | None = None
    rate_limits: RateLimits = "public"
    metrics_token: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts_out: frozenset[tuple[str, int]] = frozenset()
    llm_url: str | None = None
    llm_model: str = ""
    llm_api_key: str | None = None

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
            secret_key=secret_key_of(env.get("PARLEY_SECRET_KEY"), data_dir, may_write=may_write),
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
            **_model_fields(env),
        )


def _model_fields(env: Mapping[str, str]) -> dict[str, Any]:
    url = url_of(env, "PARLEY_LLM_URL", ("http", "https"))
    name, api_key = (env.get(f"PARLEY_LLM_{part}", "").strip() for part in ("MODEL", "API_KEY"))
    if url is not None:
        language_model_of(url, name, api_key)  # half a model is refused at the start
    return {"llm_url": url, "llm_model": name, "llm_api_key": api_key or None}


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
