"""What the values of settings may be; each function checks one and says in a sentence what is wrong with it."""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from parley.kernel.database.url import sqlite_file
from parley.kernel.network.addresses import AddressRefused, target_of
from parley.kernel.network.clickhouse_server import clickhouse_server_of
from parley.kernel.network.domains import ascii_domain
from parley.kernel.network.smtp_server import smtp_server_of


class SettingsError(Exception):
    """A variable has a bad value or an unknown name; the text names it."""


RateLimits = Literal["public", "on", "off"]


MIN_METRICS_TOKEN = 16


DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
DNS_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


SPF_MECHANISM = re.compile(r"(?:include|a|mx|ip4|ip6|exists):[!-~]{1,200}|a|mx")


SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""What `sslmode` of a PostgreSQL URL may say (libpq, section 34.19)."""


BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""A name that a bucket of S3 may have."""


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def database_url_of(value: str | None, data_dir: Path) -> str:
    """Return the URL of the database: by default a file in the data folder."""
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


def default_site(host: str, port: int) -> str:
    """Return the URL under which a browser on this machine reaches the server."""
    return site_of({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104 - compared, not bound


class LanguageModel(msgspec.Struct, frozen=True):
    """A model behind an endpoint that speaks as OpenAI's does; `url` is that of its chat completions."""

    url: str
    host: str
    port: int
    name: str
    api_key: str | None


def language_model_of(url: str, name: str, api_key: str | None) -> LanguageModel:
    """Return the model of the `PARLEY_LLM_*` variables, whose URL is checked; raises SettingsError."""
    try:
        target = target_of(url)
    except AddressRefused as error:
        raise SettingsError(f"PARLEY_LLM_URL: {error}") from error
    if not name:
        raise SettingsError("PARLEY_LLM_MODEL must name the model that PARLEY_LLM_URL is to use.")
    if api_key and not (api_key.isascii() and api_key.isprintable()):
        raise SettingsError("PARLEY_LLM_API_KEY must be printable ASCII.")
    path = url.rstrip("/")
    complete = path if path.endswith("/chat/completions") else f"{path}/chat/completions"
    return LanguageModel(complete, target.host, target.port, name, api_key)


CHECKED_FURTHER: Mapping[str, Callable[[str], object]] = {
    "smtp": smtp_server_of,
    "smtps": smtp_server_of,
    "clickhouse": clickhouse_server_of,
    "clickhouses": clickhouse_server_of,
}
"""By scheme, who reads a URL and raises ValueError with what else is wrong with it."""


def url_of(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    """Return the URL in this variable, or None where it is not set."""
    value = env.get(name)
    if not value:
        return None
    parts = _parts(name, value)
    if parts.scheme not in schemes or not (parts.path if parts.scheme == "unix" else parts.hostname):
        wanted = " or ".join(scheme + "://" for scheme in schemes)
        raise SettingsError(f"{name} must start with {wanted} and name a host.")
    if parts.scheme in ("redis", "rediss") and not (parts.path.strip("/") or "0").isdecimal():
        raise SettingsError(f"{name}: what follows the host must be the number of a database, such as /0.")
    check = CHECKED_FURTHER.get(parts.scheme)
    if check is not None:
        try:
            check(value)
        except ValueError as error:
            raise SettingsError(f"{name} {error}") from error
    return value


def domain_of(env: Mapping[str, str], name: str) -> str | None:
    """Return the domain in this variable in lower case and in ASCII, or None where it is not set."""
    value = ascii_domain((env.get(name) or "").strip().lower())
    if not value:
        return None
    if len(value) > 253 or not DOMAIN.fullmatch(value):
        raise SettingsError(f"{name} must be a domain, such as inbound.example.com.")
    return value


def days_of(env: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    """Return the number of days in this variable, at least so many and at most a hundred years."""
    value = (env.get(name) or "").strip() or str(default)
    days = int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else 0
    if not least <= days <= 36_500:
        raise SettingsError(f"{name} must be a number of days from {least} to 36500.")
    return days


def label_of(env: Mapping[str, str], name: str) -> str | None:
    """Return the label, or the labels with dots between, that a name in the DNS begins with; None where it is not set."""
    value = (env.get(name) or "").strip().lower()
    if not value:
        return None
    if len(value) > 100 or not all(DNS_LABEL.fullmatch(one) for one in value.split(".")):
        raise SettingsError(f"{name} must be the beginning of a name in the DNS, such as _parley-challenge.")
    return value


def address_of(env: Mapping[str, str], name: str) -> tuple[str, int] | None:
    """Return the host and the port in this variable, such as 127.0.0.1:53, or None where it is not set."""
    value = (env.get(name) or "").strip()
    if not value:
        return None
    host, _, port = value.rpartition(":")
    is_port = port.isascii() and port.isdecimal() and 0 < int(port) < 65536
    try:
        host = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        is_port = is_port and DOMAIN.fullmatch(host.lower()) is not None
    if not is_port:
        raise SettingsError(f"{name} must be a host and a port, such as 127.0.0.1:53 or [::1]:53.")
    return host, int(port)


def storage_url_of(value: str | None) -> str | None:
    """Return the URL of the storage of files, or None for a folder in the data folder."""
    if not value:
        return None
    name = "PARLEY_STORAGE_URL"
    parts = _parts(name, value)
    is_plain = not (parts.query or parts.fragment)
    if parts.scheme == "s3" and is_plain and BUCKET.fullmatch(parts.netloc):
        return value
    if parts.scheme == "file" and is_plain and not parts.netloc and parts.path.strip("/"):
        return value
    raise SettingsError(
        f"{name} must be s3://bucket/prefix or file:///path/of/a/folder. User, password and region of S3 are given in "
        "the variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, another server in AWS_ENDPOINT_URL."
    )


def file_of(env: Mapping[str, str], name: str) -> str | None:
    """Return the path in this variable, of a file that can be read, or None where it is not set."""
    value = env.get(name)
    if not value:
        return None
    if not os.path.isfile(value) or not os.access(value, os.R_OK):
        raise SettingsError(f"{name}: {value} is no file that Parley can read.")
    return value


def spf_mechanism_of(env: Mapping[str, str], name: str) -> str | None:
    """Return the mechanism of SPF in this variable, or None where it is not set."""
    value = (env.get(name) or "").strip()
    if not value:
        return None
    if not SPF_MECHANISM.fullmatch(value):
        raise SettingsError(
            f"{name} must be one mechanism, such as include:spf.example.net or ip4:192.0.2.1."
        )
    return value


def rate_limits_of(value: str) -> RateLimits:
    """Return what is limited."""
    if value not in get_args(RateLimits):
        raise SettingsError("PARLEY_RATE_LIMITS must be public, on or off.")
    return cast(RateLimits, value)


def metrics_token_of(value: str | None) -> str | None:
    """Return the token that opens the metrics, if there is one."""
    if value is not None and (
        len(value) < MIN_METRICS_TOKEN or not value.isascii() or not value.isprintable()
    ):
        raise SettingsError(
            f"PARLEY_METRICS_TOKEN must have at least {MIN_METRICS_TOKEN} characters, and no others than those of ASCII."
        )
    return value


def networks_of(env: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Return the networks in CIDR form, with commas between."""
    items = [item.strip() for item in (env.get(name) or "").split(",") if item.strip()]
    try:
        return tuple(ipaddress.ip_network(item) for item in items)
    except ValueError as error:
        raise SettingsError(f"{name} must be a comma-separated list of CIDRs: {error}.") from error


def hosts_out_of(env: Mapping[str, str], name: str) -> frozenset[tuple[str, int]]:
    """Return hosts and ports, with commas between, that requests of the server may reach though they are not public."""
    items = [item.strip() for item in (env.get(name) or "").split(",") if item.strip()]
    try:
        # The port must be there, and what is read must be what will be looked up: one way to read URLs for both.
        found = {item: target_of(f"http://{item}/") for item in items}
        if any(not item.endswith(f":{target.port}") or target.path != "/" for item, target in found.items()):
            raise AddressRefused
    except AddressRefused as error:
        raise SettingsError(
            f"{name} must be a comma-separated list of host:port, such as hooks.internal:8080."
        ) from error
    return frozenset((target.host, target.port) for target in found.values())
