"""Settings, read once at the start from `PARLEY_*` variables."""

import contextlib
import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from parley.kernel.addresses import Refused, target_of


class SettingsError(Exception):
    """A variable has a bad value or an unknown name; the text names it."""


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
        "`postgresql://user:password@host/name`, or `sqlite:///path`.",
    ),
    Setting(
        "PARLEY_REDIS_URL",
        "none",
        "`redis://...` for cache, rate limits and live updates between processes; without it they live in the process.",
    ),
    Setting(
        "PARLEY_SITE_URL",
        "`http://HOST:PORT`",
        "Start of absolute links, such as those in mails. With `https://` browsers are told to come by https only, and "
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
        "`smtp[s]://user:password@host:port`; without it each mail is written to `<data folder>/mail/` as an `.eml` file.",
    ),
    Setting("PARLEY_RATE_LIMITS", "`off`", "`on` limits the requests of personal API keys and widgets."),
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
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its checked value. `site_url` has no trailing slash."""

    data_dir: Path
    database_url: str
    redis_url: str | None = None
    site_url: str = "http://127.0.0.1:8000"
    secret_key: str
    smtp_url: str | None = None
    rate_limits: bool = False
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts_out: frozenset[tuple[str, int]] = frozenset()

    @property
    def is_https(self) -> bool:
        """Say whether people reach this server by https: its cookies and its address then never go without it."""
        return self.site_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_env(
        cls, env: Mapping[str, str] = os.environ, *, host: str = "127.0.0.1", port: int = 8000
    ) -> "Settings":
        """Read and check the variables; `host` and `port` are only for the default of the site URL.

        Makes the data folder and the secret key file when they are missing.
        Raises SettingsError for an unknown `PARLEY_*` name and for a bad value.
        """
        _refuse_unknown(env)
        data_dir = Path(env.get("PARLEY_DATA_DIR") or "./parley-data").absolute()
        _make_folder(data_dir)
        return cls(
            data_dir=data_dir,
            database_url=_database_url(env.get("PARLEY_DATABASE_URL"), data_dir),
            redis_url=_url(env, "PARLEY_REDIS_URL", ("redis", "rediss", "unix")),
            site_url=(_url(env, "PARLEY_SITE_URL", ("http", "https")) or _default_site(host, port)).rstrip(
                "/"
            ),
            secret_key=_secret_key(env.get("PARLEY_SECRET_KEY"), data_dir),
            smtp_url=_url(env, "PARLEY_SMTP_URL", ("smtp", "smtps")),
            rate_limits=_switch(env, "PARLEY_RATE_LIMITS"),
            trusted_proxies=_networks(env, "PARLEY_TRUSTED_PROXIES"),
            allowed_hosts_out=_hosts_out(env, "PARLEY_ALLOWED_HOSTS_OUT"),
        )


def _refuse_unknown(env: Mapping[str, str]) -> None:
    known = {setting.name for setting in SETTINGS}
    unknown = sorted(name for name in env if name.startswith("PARLEY_") and name not in known)
    if unknown:
        raise SettingsError(
            f"{unknown[0]} is not a setting of Parley. The known ones: {', '.join(sorted(known))}."
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"PARLEY_DATA_DIR: the folder {folder} cannot be made ({error.strerror})."
        ) from error


def _database_url(value: str | None, data_dir: Path) -> str:
    if not value:
        return f"sqlite:///{data_dir / 'parley.sqlite3'}"
    scheme = value.split(":", 1)[0]
    if scheme == "postgres":
        value, scheme = "postgresql" + value[len("postgres") :], "postgresql"
    if scheme == "sqlite" and value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
        return value
    if scheme == "postgresql" and urlsplit(value).path.strip("/"):
        return value
    raise SettingsError("PARLEY_DATABASE_URL must be postgresql://user:password@host/name or sqlite:///path.")


def _default_site(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{shown}:{port}"


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name)
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise SettingsError(f"{name} must start with {' or '.join(scheme + '://' for scheme in schemes)}.")
    return value


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name) or "off"
    if value not in ("on", "off"):
        raise SettingsError(f"{name} must be on or off.")
    return value == "on"


def _networks(env: Mapping[str, str], name: str) -> tuple[Network, ...]:
    items = [item.strip() for item in (env.get(name) or "").split(",") if item.strip()]
    try:
        return tuple(ipaddress.ip_network(item) for item in items)
    except ValueError as error:
        raise SettingsError(f"{name} must be a comma-separated list of CIDRs: {error}.") from error


def _hosts_out(env: Mapping[str, str], name: str) -> frozenset[tuple[str, int]]:
    items = [item.strip() for item in (env.get(name) or "").split(",") if item.strip()]
    try:
        # The port must be there, and what is read must be what will be looked up: one way to read URLs for both.
        found = {item: target_of(f"http://{item}/") for item in items}
        if any(not item.endswith(f":{target.port}") or target.path != "/" for item, target in found.items()):
            raise Refused
    except Refused as error:
        raise SettingsError(
            f"{name} must be a comma-separated list of host:port, such as hooks.internal:8080."
        ) from error
    return frozenset((target.host, target.port) for target in found.values())


def _secret_key(value: str | None, data_dir: Path) -> str:
    if value is not None:
        if len(value.strip()) < 32:
            raise SettingsError("PARLEY_SECRET_KEY must have at least 32 characters.")
        return value
    file = data_dir / "secret_key"
    draft = data_dir / f"secret_key.{os.getpid()}"
    try:
        if not file.exists():
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
                out.write(secrets.token_urlsafe(48))
            # A hard link fails when the name exists: of two processes that start at once both end up with one key.
            with contextlib.suppress(FileExistsError):
                os.link(draft, file)
            draft.unlink()
    except OSError as error:
        raise SettingsError(f"PARLEY_DATA_DIR: {file} cannot be written ({error.strerror}).") from error
    key = file.read_text().strip()
    if len(key) < 32:
        raise SettingsError(f"The secret key in {file} is damaged: it must have at least 32 characters.")
    return key
