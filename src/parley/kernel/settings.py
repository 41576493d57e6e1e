"""Settings, read once at the start from `PARLEY_*` variables."""

import contextlib
import ipaddress
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from parley.kernel.database.data_folder import tighten
from parley.kernel.database.faults import sqlite_file
from parley.kernel.network.addresses import Refused, target_of


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
        "`postgresql://user:password@host/name`, with `?sslmode=require` where it must, or `sqlite:///path`.",
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
    Setting(
        "PARLEY_RATE_LIMITS",
        "`public`",
        "`public` limits what needs no key (widget, capture, resets), `on` keys and tokens, too, `off` neither. "
        "The limits on guessing are always on.",
    ),
    Setting(
        "PARLEY_METRICS_TOKEN",
        "none: `/metrics` answers only this machine",
        "`/metrics` answers whoever sends this as a bearer token, from anywhere; at least 16 characters.",
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
)

RateLimits = Literal["public", "on", "off"]
MIN_METRICS_TOKEN = 16
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""What `sslmode` of a PostgreSQL URL may say (libpq, section 34.19)."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its checked value. `site_url` has no trailing slash."""

    data_dir: Path
    database_url: str
    redis_url: str | None = None
    site_url: str = "http://127.0.0.1:8000"
    secret_key: str
    smtp_url: str | None = None
    rate_limits: RateLimits = "public"
    metrics_token: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    allowed_hosts_out: frozenset[tuple[str, int]] = frozenset()

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
        database_url = _database_url(env.get("PARLEY_DATABASE_URL"), data_dir)
        if may_write:
            _make_folder(data_dir)
        _check_folder(data_dir)
        if may_write:
            tighten(data_dir, database_url)
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            redis_url=_url(env, "PARLEY_REDIS_URL", ("redis", "rediss", "unix")),
            site_url=(_url(env, "PARLEY_SITE_URL", ("http", "https")) or _default_site(host, port)).rstrip(
                "/"
            ),
            secret_key=_secret_key(env.get("PARLEY_SECRET_KEY"), data_dir, may_write=may_write),
            smtp_url=_url(env, "PARLEY_SMTP_URL", ("smtp", "smtps")),
            rate_limits=_rate_limits(env.get("PARLEY_RATE_LIMITS") or "public"),
            metrics_token=_metrics_token(env.get("PARLEY_METRICS_TOKEN") or None),
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
    for name in sorted(known & env.keys()):
        try:
            env[name].encode()
        except UnicodeEncodeError as error:  # bytes that are no UTF-8 arrive as lone surrogates
            raise SettingsError(f"{name} must be text in UTF-8.") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise SettingsError(
            f"PARLEY_DATA_DIR: {folder} cannot be a folder, since a file is in its place: name a folder."
        ) from error
    except OSError as error:
        raise SettingsError(
            f"PARLEY_DATA_DIR: the folder {folder} cannot be made ({error.strerror}): make it for the user that runs "
            "Parley, or name another one."
        ) from error


def _check_folder(folder: Path) -> None:
    if not os.path.isdir(folder):
        raise SettingsError(
            f"PARLEY_DATA_DIR: the folder {folder} is not there: `parley serve` makes it, unless another one was meant."
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise SettingsError(
            f"PARLEY_DATA_DIR: the folder {folder} cannot be read and written: let the user that runs Parley do so "
            "(chmod, chown), or name another one."
        )


def _database_url(value: str | None, data_dir: Path) -> str:
    name = "PARLEY_DATABASE_URL"
    value = value or f"sqlite:///{data_dir / 'parley.sqlite3'}"
    if value.startswith("postgres:"):
        value = "postgresql" + value[len("postgres") :]
    if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
        if "?" in value or value.endswith(":memory:"):
            raise SettingsError(
                f"{name}: a SQLite database must be a file, and its path must not hold a `?`."
            )
        file = sqlite_file(value)
        if os.path.exists(file) and not os.path.isfile(file):
            raise SettingsError(
                f"{name}: {file} is {'a folder' if os.path.isdir(file) else 'no file'}: name a file for the database."
            )
        return value
    if value.startswith("postgresql:") and (parts := _parts(name, value)).path.strip("/"):
        _check_parameters(name, parts.query)
        return value
    raise SettingsError(f"{name} must be postgresql://user:password@host/name or sqlite:///path.")


def _check_parameters(name: str, query: str) -> None:
    """Raise SettingsError for a parameter of the connection that Parley doesn't know."""
    for parameter, mode in parse_qsl(query, keep_blank_values=True):
        if parameter != "sslmode":
            raise SettingsError(
                f"{name}: the parameter {parameter[:40]} is not known. `?sslmode=` is; leave out the others."
            )
        if mode not in SSL_MODES:
            raise SettingsError(f"{name}: sslmode must be one of {', '.join(SSL_MODES)}.")


def _parts(name: str, value: str) -> SplitResult:
    """Return the parts of a URL whose port, if it has one, can be a port."""
    try:
        parts = urlsplit(value)
        is_port = parts.port is None or parts.port > 0
        (parts.hostname or "").encode("idna")  # as whoever connects does
    except ValueError as error:
        raise SettingsError(
            f"{name} is no URL that can be read: the host must be a name or an address, the port must be a number up to "
            "65535, and `/`, `:`, `@`, `?`, `#` and `%` in user and password are written as %2F, %3A, %40, %3F, %23 and %25."
        ) from error
    if not is_port:
        raise SettingsError(f"{name}: the port must be between 1 and 65535.")
    return parts


def site_of(host: str, port: int) -> str:
    """Return the URL of what listens on a host and port."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _default_site(host: str, port: int) -> str:
    return site_of({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104 - compared, not bound


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name)
    if not value:
        return None
    parts = _parts(name, value)
    if parts.scheme not in schemes or not (parts.path if parts.scheme == "unix" else parts.hostname):
        wanted = " or ".join(scheme + "://" for scheme in schemes)
        raise SettingsError(f"{name} must start with {wanted} and name a host.")
    if parts.scheme in ("redis", "rediss") and not (parts.path.strip("/") or "0").isdecimal():
        raise SettingsError(f"{name}: what follows the host must be the number of a database, such as /0.")
    return value


def _rate_limits(value: str) -> RateLimits:
    if value not in get_args(RateLimits):
        raise SettingsError("PARLEY_RATE_LIMITS must be public, on or off.")
    return cast(RateLimits, value)


def _metrics_token(value: str | None) -> str | None:
    if value is not None and (
        len(value) < MIN_METRICS_TOKEN or not value.isascii() or not value.isprintable()
    ):
        raise SettingsError(
            f"PARLEY_METRICS_TOKEN must have at least {MIN_METRICS_TOKEN} characters, and no others than those of ASCII."
        )
    return value


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


def _secret_key(value: str | None, data_dir: Path, *, may_write: bool) -> str:
    if value is not None:
        if len(value.strip()) < 32:
            raise SettingsError("PARLEY_SECRET_KEY must have at least 32 characters.")
        return value
    file = data_dir / "secret_key"
    if not file.exists():
        if not may_write:
            raise SettingsError(
                f"The secret key {file} is not there: put it back from a backup, or, where there are no data yet, start "
                "`parley serve`, which makes one."
            )
        _make_key(file)
    try:
        key = file.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"The secret key {file} cannot be read ({error.strerror}): let the user that runs Parley read it."
        ) from error
    except UnicodeDecodeError:
        key = ""
    if len(key) < 32:
        raise SettingsError(
            f"The secret key in {file} is damaged: it must be text of at least 32 characters. Put it back from a backup."
        )
    return key


def _make_key(file: Path) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
        # A hard link fails when the name exists: of two processes that start at once both end up with one key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise SettingsError(
            f"PARLEY_DATA_DIR: {file} cannot be written ({error.strerror}): make room, and let the user that runs Parley "
            "write there."
        ) from error
