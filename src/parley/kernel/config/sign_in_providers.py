"""The providers with which people may sign in, beside their passwords: Google, GitHub and GitLab."""

from collections.abc import Mapping

import msgspec

from parley.kernel.config.values import SettingsError
from parley.kernel.network.addresses import AddressRefused, target_of


class KnownProvider(msgspec.Struct, frozen=True):
    """What is the same on every server; `prefix` stands in the names of its settings."""

    prefix: str
    label: str
    url: str


PROVIDERS: Mapping[str, KnownProvider] = {
    "google-oauth2": KnownProvider("google", "Google", "https://accounts.google.com"),
    "github": KnownProvider("github", "GitHub", "https://github.com"),
    "gitlab": KnownProvider("gitlab", "GitLab", "https://gitlab.com"),
}
"""By the name that `sso_enforcement` and the paths have for them."""


class SignInProvider(msgspec.Struct, frozen=True):
    """A provider at which the operator has registered this server. `url` has no trailing slash."""

    name: str
    label: str
    client_id: str
    client_secret: str
    url: str
    host: str
    port: int


def provider_of(
    name: str, client_id: str | None, client_secret: str | None, url: str | None
) -> SignInProvider | None:
    """Return the provider of these settings, None where there is no client id; raises SettingsError for half of one."""
    known = PROVIDERS[name]
    variable = f"PARLEY_{known.prefix.upper()}"
    base = (url or known.url).rstrip("/")
    try:
        target = target_of(base)
    except AddressRefused as error:
        raise SettingsError(f"{variable}_URL: {error}") from error
    if "?" in base or "#" in base:
        raise SettingsError(f"{variable}_URL must end with a host or a path.")
    if (client_id is None) != (client_secret is None):
        raise SettingsError(f"{variable}_CLIENT_ID and {variable}_CLIENT_SECRET need each other.")
    for value in (client_id, client_secret):
        if value is not None and not (value.isascii() and value.isprintable()):
            raise SettingsError(f"{variable}_CLIENT_ID and {variable}_CLIENT_SECRET must be printable ASCII.")
    if client_id is None or client_secret is None:
        return None
    return SignInProvider(name, known.label, client_id, client_secret, base, target.host, target.port)
