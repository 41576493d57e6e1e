"""Other services at which the owner has registered this server, so that projects can be connected to them."""

from collections.abc import Mapping
from typing import Any

from parley.kernel.config.values import SettingsError, url_of
from parley.kernel.network.addresses import AddressRefused, target_of


def app_fields(env: Mapping[str, str], prefix: str, urls: Mapping[str, str]) -> dict[str, Any]:
    """Read `PARLEY_<prefix>_CLIENT_ID`, `_CLIENT_SECRET` and the URLs (with their defaults) as fields of the settings.

    URLs have no trailing slash. Raises SettingsError for half of an app, and for a URL that can't be called.
    """
    variable = f"PARLEY_{prefix}"
    names = ("CLIENT_ID", "CLIENT_SECRET")
    client_id, secret = (env.get(f"{variable}_{name}", "").strip() or None for name in names)
    if (client_id is None) != (secret is None):
        raise SettingsError(f"{variable}_CLIENT_ID and {variable}_CLIENT_SECRET need each other.")
    for value in (client_id, secret):
        if value is not None and not (value.isascii() and value.isprintable()):
            raise SettingsError(f"{variable}_CLIENT_ID and {variable}_CLIENT_SECRET must be printable ASCII.")
    fields: dict[str, Any] = {"client_id": client_id, "client_secret": secret}
    fields |= {name: base_url(env, f"{variable}_{name.upper()}", default) for name, default in urls.items()}
    return {f"{prefix.lower()}_{name}": value for name, value in fields.items()}


def base_url(env: Mapping[str, str], name: str, default: str) -> str:
    """Return the URL that paths are put behind, without a trailing slash; raises SettingsError."""
    given = (url_of(env, name, ("http", "https")) or default).rstrip("/")
    try:
        target_of(given)
    except AddressRefused as error:
        raise SettingsError(f"{name}: {error}") from error
    if "?" in given or "#" in given:
        raise SettingsError(f"{name} must end with a host or a path.")
    return given


def linkedin_version(env: Mapping[str, str]) -> str:
    """Return the version of LinkedIn's API, a year and a month; raises SettingsError."""
    given = env.get("PARLEY_LINKEDIN_VERSION", "").strip() or "202508"
    if not (len(given) == 6 and given.isascii() and given.isdigit() and "01" <= given[4:] <= "12"):
        raise SettingsError("PARLEY_LINKEDIN_VERSION must be a year and a month, such as 202508.")
    return given


LINKEDIN_URLS = {"oauth_url": "https://www.linkedin.com", "api_url": "https://api.linkedin.com"}


def linkedin_fields(env: Mapping[str, str]) -> dict[str, Any]:
    """Read the variables of LinkedIn; raises SettingsError."""
    return app_fields(env, "LINKEDIN", LINKEDIN_URLS) | {"linkedin_version": linkedin_version(env)}
